import type { DeadLetterId } from '../../dead-letter/dead-letter-store.ts'
import { checkpointId, type Generation } from '../../read-model/generation.ts'
import { CheckpointConflictError } from '../../read-model/read-model-errors.ts'
import type { Checkpoint, DocumentWrite } from '../../read-model/read-model-store.ts'
import { allSlots, holdsSlot, slotOf, type SlotRange } from '../../read-model/slots.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import type { ProjectionPorts } from '../projection-ports.ts'
import { catchUp } from './catch-up.ts'
import { KeyFold } from './key-fold.ts'
import type { ProgressMeter, RebuildPhase } from './rebuild-progress.ts'
import { furthest, takeAll } from './switch-readers.ts'

/** What {@link repairDocuments} needs. */
export interface RepairOptions {
  readonly definition: ProjectionDefinition
  readonly planner: FoldPlanner
  readonly ports: ProjectionPorts
  readonly keys: readonly string[]
  readonly batchSize: number
  readonly signal: AbortSignal
  readonly meter: ProgressMeter
  /** Runs before documents are written: whoever feeds the projection here stops. */
  readonly standStill: () => Promise<void>
}

/** What a repair did. */
export interface RepairResult {
  /** Where the documents are: it did not change. */
  readonly generation: Generation
  /** Documents written, or removed. */
  readonly documents: number
  readonly events: number
  readonly durationMs: number
}

/**
 * Folds some documents again from their first event and puts them in the place of those that are there, in the
 * generation readers see. Dead letters of theirs are settled: their events are in the documents then.
 *
 * @throws {RepairRefusedError} The documents of the projection cannot be folded by themselves.
 * @throws {ProjectionHandlerError} A handler threw. Nothing was changed.
 * @throws {RebuildCancelledError} The signal was raised.
 */
export async function repairDocuments(options: RepairOptions): Promise<RepairResult> {
  const { definition, planner, ports, keys, meter } = options
  const { readModels } = ports
  const fold = new KeyFold(definition, planner, keys)
  const generation = (await openGenerations(readModels, definition)).active as Generation
  const before = await readModels.checkpoints(generation)
  await read(options, fold, { upTo: nearest(before), slots: allSlots, phase: 'replaying' })
  await options.standStill()
  const start = fold.position
  for (;;)
    try {
      let documents = 0
      for (const checkpoint of await takeAll(readModels, generation)) {
        const { slots, position = -1n } = checkpoint
        // Each segment is at a position of its own, and its documents must be there exactly.
        fold.position = start
        await read(options, fold, { upTo: position, slots, phase: 'switching' })
        documents += await put(options, fold, generation, checkpoint)
      }
      meter.advance(0, undefined, 'done')
      return { generation, documents, events: fold.events, durationMs: meter.elapsedMs }
    } catch (error) {
      // Somebody took a segment over, and may have moved on: what is folded is not folded twice.
      if (!(error instanceof CheckpointConflictError)) throw error
    }
}

interface Reading {
  readonly upTo: bigint
  readonly slots: SlotRange
  readonly phase: RebuildPhase
}

async function read(
  { definition, planner, ports, batchSize, signal, meter }: RepairOptions,
  fold: KeyFold,
  { upTo, slots, phase }: Reading,
): Promise<void> {
  if (upTo <= fold.position) return
  await catchUp({
    projection: definition.name,
    eventStore: ports.eventStore,
    types: planner.types,
    after: fold.position < 0n ? undefined : fold.position,
    batchSize,
    signal,
    onBatch: ({ events, position = -1n }) => {
      const wanted = events.filter((event) => event.position <= upTo)
      fold.apply(wanted, slots)
      meter.advance(wanted.length, position < upTo ? position : upTo, phase)
      return Promise.resolve(position < upTo)
    },
  })
  fold.position = upTo
}

async function put(
  { definition, ports }: RepairOptions,
  fold: KeyFold,
  generation: Generation,
  from: Checkpoint,
): Promise<number> {
  const { readModels } = ports
  if (from.position === undefined) return 0
  const ids = fold.ids.filter((id) => holdsSlot(from.slots, slotOf(id)))
  if (ids.length === 0) return 0
  const writes: DocumentWrite[] = []
  const settled: DeadLetterId[] = []
  for (const model of definition.models) {
    const stored = await readModels.load(generation, model, ids)
    for (const id of ids) {
      const queue = { consumer: checkpointId(generation), model: model.name, key: id }
      settled.push(...(await lettersOf(readModels.deadLetters, queue)))
      const folded = fold.load(model.name, id)
      const there = stored.get(id)
      if (!folded && !there) continue
      const { document, position = from.position, events = 0 } = folded ?? { document: undefined }
      const previous = there?.position
      writes.push({ model, id, document, position, events, previous, versions: [] })
    }
  }
  const position = from.position
  await readModels.commit({ generation, writes, from, position, settled, isRepair: true })
  return writes.length
}

async function lettersOf(
  store: ProjectionPorts['readModels']['deadLetters'],
  queue: DeadLetterId['queue'],
): Promise<readonly DeadLetterId[]> {
  const letters = await store.queue(queue, Number.MAX_SAFE_INTEGER)
  return letters.map(({ event }) => ({ queue, position: event.position }))
}

function nearest(checkpoints: readonly Checkpoint[]): bigint {
  const positions = checkpoints.map(({ position }) => position ?? -1n)
  return positions.reduce((least, one) => (one < least ? one : least), furthest(checkpoints))
}
