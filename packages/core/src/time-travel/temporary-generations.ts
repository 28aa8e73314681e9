import type { ProjectionDefinition } from '../projection/projection-definition.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import {
  type Generation,
  GenerationConflictError,
  type GenerationRecord,
  type StoredGeneration,
} from '../read-model/generation.ts'
import { defineReadModel } from '../read-model/read-model-definition.ts'

/** How long a generation is left to a process that does not renew its claim, in milliseconds. */
export const claimMs = 300_000

/**
 * Generations that queries of the past fill and drop. Each is noted before it is created, with a time until which it
 * is somebody's: what a process that died has left is found by others and dropped.
 */
export class TemporaryGenerations {
  readonly #ports: ProjectionPorts

  constructor(ports: ProjectionPorts) {
    this.#ports = ports
  }

  /** Creates one, and drops what others have left. */
  async create(definition: ProjectionDefinition): Promise<Generation> {
    await this.sweep(definition).catch((error: unknown) => this.#warn(definition, error))
    const { readModels } = this.#ports
    const models = definition.models.map(({ name }) => name)
    const leftAt = this.#claimedUntil()
    const stored = await this.#change(definition, (others) => [
      ...others,
      { generation: temporary(definition, others), shape: undefined, models, leftAt },
    ])
    const { generation } = stored.at(-1) as StoredGeneration
    await readModels.create(generation, definition.models)
    return generation
  }

  /** Says that some are still somebody's. */
  async renew(definition: ProjectionDefinition, kept: readonly Generation[]): Promise<void> {
    const leftAt = this.#claimedUntil()
    const numbers = new Set(kept.map(({ number }) => number))
    await this.#change(definition, (stored) =>
      stored.map((one) => (numbers.has(one.generation.number) ? { ...one, leftAt } : one)),
    )
  }

  /** Drops one. What cannot be dropped is found by a later sweep. */
  async drop(definition: ProjectionDefinition, generation: Generation): Promise<void> {
    try {
      await this.#drop(definition, [{ generation, shape: undefined, models: [] }])
    } catch (error) {
      this.#warn(definition, error)
    }
  }

  /** Drops what nobody has claimed for too long. */
  async sweep(definition: ProjectionDefinition): Promise<void> {
    const { readModels, clock } = this.#ports
    const record = await readModels.generations(recordName(definition))
    const now = clock.now().getTime()
    const left = (record?.stored ?? []).filter((one) => (one.leftAt?.getTime() ?? 0) <= now)
    if (left.length > 0) await this.#drop(definition, left)
  }

  async #drop(definition: ProjectionDefinition, left: readonly StoredGeneration[]): Promise<void> {
    const numbers = new Set(left.map(({ generation }) => generation.number))
    for (const { generation, models } of left) {
      const others = models.filter((name) => !definition.models.some((one) => one.name === name))
      await this.#ports.readModels.drop(generation, [
        ...definition.models,
        ...others.map((name) => defineReadModel(name)),
      ])
    }
    await this.#change(definition, (stored) =>
      stored.filter(({ generation }) => !numbers.has(generation.number)),
    )
  }

  async #change(
    definition: ProjectionDefinition,
    change: (stored: readonly StoredGeneration[]) => readonly StoredGeneration[],
  ): Promise<readonly StoredGeneration[]> {
    const { readModels } = this.#ports
    const projection = recordName(definition)
    for (;;) {
      const found = await readModels.generations(projection)
      const revision = (found?.revision ?? 0) + 1
      const stored = change(found?.stored ?? [])
      try {
        await readModels.saveGenerations(recordOf(projection, stored, revision), revision - 1)
        return stored
      } catch (error) {
        // Another query changed them at the same time.
        if (!(error instanceof GenerationConflictError)) throw error
      }
    }
  }

  #claimedUntil(): Date {
    return new Date(this.#ports.clock.now().getTime() + claimMs)
  }

  #warn({ name }: ProjectionDefinition, error: unknown): void {
    this.#ports.logger.warn('The documents of a past query could not be dropped.', {
      projection: name,
      error,
    })
  }
}

/** Outside of the projection's own record and count, so that no rebuild meets it. */
function recordName({ name }: ProjectionDefinition): string {
  return `${name}~past`
}

/** No two at a time have one number: queries of the same moment would write into one another's documents. */
function temporary(
  definition: ProjectionDefinition,
  others: readonly StoredGeneration[],
): Generation {
  const taken = Math.max(0, ...others.map(({ generation }) => generation.number))
  const number = Math.max(Date.now() * 1_000, taken + 1)
  return { projection: recordName(definition), version: definition.version, number }
}

function recordOf(
  projection: string,
  stored: readonly StoredGeneration[],
  revision: number,
): GenerationRecord {
  const none = { active: undefined, previous: undefined, building: undefined }
  return { projection, ...none, stored, revision }
}
