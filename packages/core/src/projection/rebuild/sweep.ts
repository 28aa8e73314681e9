import type { GenerationRecord, StoredGeneration } from '../../read-model/generation.ts'
import { defineReadModel } from '../../read-model/read-model-definition.ts'
import { changeGenerations, storedOf } from '../generations.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import type { ProjectionPorts } from '../projection-ports.ts'

/** Readers may still go to what was left, until they have looked again. In milliseconds. */
export const readersLookAgainMs = 2_000

/** What is stored and has no role any more. */
export function leftoversOf(
  record: GenerationRecord,
  definition: ProjectionDefinition,
): readonly StoredGeneration[] {
  const { active, previous, building } = record
  const roles = new Set([active, previous, building].map((one) => one?.number))
  return storedOf(record, definition).filter(({ generation }) => !roles.has(generation.number))
}

/**
 * Drops what has no role any more. What cannot be dropped stays named, for the next time.
 *
 * @returns When there is more to drop, in milliseconds since the epoch; undefined: all is dropped.
 */
export async function sweep(
  { readModels, leases, ids, clock }: ProjectionPorts,
  definition: ProjectionDefinition,
  leaseMs: number,
): Promise<number | undefined> {
  const record = await readModels.generations(definition.name)
  if (!record?.active) return undefined
  const leftovers = leftoversOf(record, definition)
  const dueAt = (one: StoredGeneration): number =>
    one.leftAt === undefined ? 0 : one.leftAt.getTime() + readersLookAgainMs
  const now = clock.now().getTime()
  const later = leftovers.map(dueAt).filter((at) => at > now)
  const due = leftovers.filter((one) => dueAt(one) <= now)
  if (due.length > 0) {
    // One process does it; where that dies, the next one to look does.
    const lease = await leases.acquire(`sweep:${definition.name}`, ids.next(), leaseMs)
    if (!lease) return now + leaseMs
    try {
      for (const { generation, models } of due)
        await readModels.drop(
          generation,
          models.map((name) => modelNamed(definition, name)),
        )
      await forget(readModels, definition, due)
    } finally {
      await leases.release(lease).catch(() => undefined)
    }
  }
  return later.length > 0 ? Math.min(...later) : undefined
}

async function forget(
  store: ProjectionPorts['readModels'],
  definition: ProjectionDefinition,
  dropped: readonly StoredGeneration[],
): Promise<void> {
  const numbers = new Set(dropped.map(({ generation }) => generation.number))
  await changeGenerations(store, definition, (record) => ({
    ...record,
    stored: storedOf(record, definition).filter(
      ({ generation }) => !numbers.has(generation.number),
    ),
  }))
}

/** A model an earlier version of the projection had is known by its name alone. */
function modelNamed({ models }: ProjectionDefinition, name: string) {
  return models.find((model) => model.name === name) ?? defineReadModel(name)
}
