import {
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
} from '../read-model/generation.ts'
import type { ReadModelStore } from '../read-model/read-model-store.ts'
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
    revision: 1,
  }
  await store.saveGenerations(opened, 0)
  return opened
}

/** The generation a rebuild fills next. */
export function nextGeneration(
  record: GenerationRecord,
  definition: ProjectionDefinition,
): Generation {
  const numbers = [record.active, record.previous, record.building].map((one) => one?.number ?? 0)
  return {
    projection: definition.name,
    version: definition.version,
    number: Math.max(...numbers) + 1,
  }
}

/** Pauses or resumes a projection, in all processes. */
export async function changePause(
  store: ReadModelStore,
  definition: ProjectionDefinition,
  isPaused: boolean,
): Promise<void> {
  for (;;) {
    const record = await openGenerations(store, definition)
    if ((record.isPaused ?? false) === isPaused) return
    try {
      await store.saveGenerations(
        { ...record, isPaused, revision: record.revision + 1 },
        record.revision,
      )
      return
    } catch (error) {
      // Somebody changed them at the same time: what they are now decides.
      if (!(error instanceof GenerationConflictError)) throw error
    }
  }
}
