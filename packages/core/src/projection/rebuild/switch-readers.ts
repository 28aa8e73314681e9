import type { Generation, GenerationRecord } from '../../read-model/generation.ts'
import { CheckpointConflictError, SegmentGoneError } from '../../read-model/read-model-errors.ts'
import type { Checkpoint, ReadModelStore } from '../../read-model/read-model-store.ts'
import { changeGenerations, storedOf } from '../generations.ts'
import { builderOf, codeOf, retire } from '../projection-code.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RebuildLostError } from '../projection-errors.ts'
import type { ProjectionPorts } from '../projection-ports.ts'
import { segmentsOf } from '../share/segment-shaper.ts'
import { readersLookAgainMs } from './sweep.ts'

/** What {@link switchReaders} needs. */
export interface SwitchOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  /** What readers go to. */
  readonly target: Generation
  /** Role of the target until then. */
  readonly role: 'building' | 'previous'
  /** How long what readers leave is kept, in milliseconds. */
  readonly graceMs: number
  /**
   * Brings the target to the end of the log as of now, and to this position at least. Only events the projection does
   * not ask for lie between the two.
   */
  readonly catchUp: (atLeast: bigint) => Promise<void>
}

/**
 * Moves readers to a generation that has everything the active one has, which is proved by the change itself: whoever
 * writes the active one meanwhile is refused, or makes the switch fail and be tried again.
 *
 * @throws {RebuildLostError} The target has another role by now.
 */
export async function switchReaders(options: SwitchOptions): Promise<GenerationRecord> {
  const { definition, ports, target } = options
  const { readModels } = ports
  for (;;) {
    const { active } = (await readModels.generations(definition.name)) as GenerationRecord
    const left = active as Generation
    const checkpoints = await takeAll(readModels, left)
    await options.catchUp(furthest(checkpoints))
    try {
      const leaving = { generation: left, checkpoints }
      return await changeGenerations(readModels, definition, (now) => moved(options, now), leaving)
    } catch (error) {
      // Somebody took it over and may have written on.
      if (error instanceof CheckpointConflictError) continue
      const found = await readModels.generations(definition.name)
      // All that was lost is the answer.
      if (found?.active?.number === target.number) return found
      throw error
    }
  }
}

/** The record after the switch. */
function moved(
  { definition, ports, target, role, graceMs }: SwitchOptions,
  record: GenerationRecord,
): GenerationRecord | undefined {
  if (record.active?.number === target.number) return undefined
  if (record[role]?.number !== target.number)
    throw new RebuildLostError(definition.name, target.number)
  const now = ports.clock.now()
  const left = record.active as Generation
  return {
    ...record,
    active: target,
    previous: left,
    ...(role === 'building' && { building: undefined }),
    keptUntil: new Date(now.getTime() + Math.max(graceMs, readersLookAgainMs)),
    retired: retire(record, builderOf(record, left), codeOf(definition)),
    stored: storedOf(record, definition).map((one) =>
      one.generation.number === left.number ? { ...one, leftAt: now } : one,
    ),
  }
}

/** Takes every segment of a generation over, so that whoever writes one is refused. */
export async function takeAll(
  store: ReadModelStore,
  generation: Generation,
): Promise<readonly Checkpoint[]> {
  for (;;) {
    const taken: Checkpoint[] = []
    try {
      for (const slots of await segmentsOf(store, generation))
        taken.push(await store.takeCheckpoint(generation, slots))
      return taken
    } catch (error) {
      // A worker split or merged segments at the same moment.
      if (!(error instanceof SegmentGoneError)) throw error
    }
  }
}

/** The highest position of several segments; -1 where none has one. */
export function furthest(checkpoints: readonly Checkpoint[]): bigint {
  const positions = checkpoints.map(({ position }) => position ?? -1n)
  return positions.reduce((most, one) => (one > most ? one : most), -1n)
}
