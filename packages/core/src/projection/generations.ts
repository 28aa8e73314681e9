import {
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
  type LeftGeneration,
  type StoredGeneration,
} from '../read-model/generation.ts'
import type { ReadModelStore } from '../read-model/read-model-store.ts'
import { shapeOf } from './projection-code.ts'
import type { ProjectionDefinition } from './projection-definition.ts'

/** Reads a projection's generations; creates the first one, which is active at once. */
export async function openGenerations(
  store: ReadModelStore,
  definition: ProjectionDefinition,
): Promise<GenerationRecord> {
  const record = await store.generations(definition.name)
  if (record?.active) return record
  try {
    return await openFirst(store, definition)
  } catch (error) {
    // Somebody else opened it at the same time: a reader beside the runner, or another process.
    const found = await store.generations(definition.name)
    if (error instanceof GenerationConflictError && found?.active) return found
    throw error
  }
}

async function openFirst(
  store: ReadModelStore,
  definition: ProjectionDefinition,
): Promise<GenerationRecord> {
  const first: Generation = { projection: definition.name, version: definition.version, number: 1 }
  await store.create(first, definition.models)
  const opened: GenerationRecord = {
    projection: definition.name,
    active: first,
    previous: undefined,
    building: undefined,
    stored: [storedBy(definition, first)],
    lastNumber: 1,
    revision: 1,
  }
  await store.saveGenerations(opened, 0)
  return opened
}

/** Notes who built a generation. */
export function storedBy(
  definition: ProjectionDefinition,
  generation: Generation,
): StoredGeneration {
  const models = definition.models.map(({ name }) => name)
  return { generation, shape: shapeOf(definition), models }
}

/** Everything that may be stored; records of earlier versions name nothing but the roles. */
export function storedOf(
  record: GenerationRecord,
  definition: ProjectionDefinition,
): readonly StoredGeneration[] {
  const { active, previous, building, stored = [] } = record
  const models = definition.models.map(({ name }) => name)
  const unknown = [active, previous, building]
    .filter((one) => one !== undefined)
    .filter(({ number }) => !stored.some(({ generation }) => generation.number === number))
  return [...stored, ...unknown.map((generation) => ({ generation, shape: undefined, models }))]
}

/** The generation a rebuild fills next: no number is used twice. */
export function nextGeneration(
  record: GenerationRecord,
  definition: ProjectionDefinition,
): Generation {
  const roles = [record.active, record.previous, record.building]
  const numbers = roles.map((one) => one?.number ?? 0)
  return {
    projection: definition.name,
    version: definition.version,
    number: Math.max(record.lastNumber ?? 0, ...numbers) + 1,
  }
}

/**
 * Changes a projection's generations, whoever else changes them at the same time.
 *
 * @param change Returns the new record, without a revision; undefined: there is nothing to change. May run again.
 * @param left What readers leave by it.
 * @throws {CheckpointConflictError} Somebody takes care of what would be left.
 */
export async function changeGenerations(
  store: ReadModelStore,
  definition: ProjectionDefinition,
  change: (record: GenerationRecord) => GenerationRecord | undefined,
  left?: LeftGeneration,
): Promise<GenerationRecord> {
  for (;;) {
    const record = await openGenerations(store, definition)
    const changed = change(record)
    if (!changed) return record
    const saved = { ...changed, revision: record.revision + 1 }
    try {
      await store.saveGenerations(saved, record.revision, left)
      return saved
    } catch (error) {
      // Somebody changed them at the same time: what they are now decides.
      if (!(error instanceof GenerationConflictError)) throw error
    }
  }
}

/** Pauses or resumes a projection, in all processes. */
export async function changePause(
  store: ReadModelStore,
  definition: ProjectionDefinition,
  isPaused: boolean,
): Promise<void> {
  await changeGenerations(store, definition, (record) =>
    (record.isPaused ?? false) === isPaused ? undefined : { ...record, isPaused },
  )
}
