import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { StreamDeletedError } from '../../event-store/event-store-errors.ts'
import { categoryOf, type StreamName, streamName } from '../../event-store/stream-name.ts'
import type {
  ReadModelDefinition,
  ReadModelDocument,
} from '../../read-model/read-model-definition.ts'
import type { StoredDocument } from '../../read-model/read-model-store.ts'
import { type RestoredState, SnapshotReader } from '../../snapshot/snapshot-reader.ts'
import { DocumentCache } from '../fold/document-cache.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { refusePromise } from '../fold/refuse-promise.ts'
import type { DocumentOfState, SnapshotHandler } from '../from-snapshot.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import {
  InvalidDocumentError,
  ProjectionHandlerError,
  SnapshotDocumentError,
  SnapshotRebuildRefusedError,
} from '../projection-errors.ts'
import type { ProjectionPorts } from '../projection-ports.ts'
import type { DocumentSeeds } from '../write/seeding.ts'
import { KeyFold } from './key-fold.ts'

/** Aggregates that are looked up side by side. */
const atOnce = 16
const backwardsPage = 50

/** What {@link SnapshotDocuments} needs. */
export interface SnapshotDocumentsOptions {
  readonly definition: ProjectionDefinition
  readonly planner: FoldPlanner
  readonly ports: ProjectionPorts
}

/** Documents made from the newest usable snapshots of their aggregates. */
export class SnapshotDocuments implements DocumentSeeds {
  readonly model: ReadModelDefinition
  /** Types under which the events are stored that streams begin with; undefined: nobody said. */
  readonly firstTypes: readonly string[] | undefined
  readonly #options: SnapshotDocumentsOptions
  readonly #handler: SnapshotHandler
  readonly #documentOf: DocumentOfState
  readonly #reader: SnapshotReader
  readonly #types: ReadonlySet<string>
  #taken = 0
  #folded = 0

  /** @throws {SnapshotRebuildRefusedError} The projection does not say how, or there is no store of snapshots. */
  constructor(options: SnapshotDocumentsOptions) {
    const { definition, planner, ports } = options
    const { fromSnapshot: handler, name } = definition
    if (!handler || !planner.documentOf)
      throw new SnapshotRebuildRefusedError(
        name,
        'it does not say how a document follows from the state of an aggregate: give it fromSnapshot',
      )
    if (!ports.snapshotStore)
      throw new SnapshotRebuildRefusedError(name, 'the application has no store of snapshots')
    this.model = handler.model
    this.#options = options
    this.#handler = handler
    this.#documentOf = planner.documentOf
    this.#reader = new SnapshotReader(ports.snapshotStore, ports.logger)
    this.#types = new Set(planner.types)
    const first = handler.firstEvents?.map(({ type }) => type)
    this.firstTypes = first && ports.codec.storedTypesOf(first)
  }

  /** How many documents were made from a snapshot. */
  get taken(): number {
    return this.#taken
  }

  /** How many events were folded into whole documents. */
  get folded(): number {
    return this.#folded
  }

  async load(
    events: readonly RecordedEvent[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    this.#checkStreams(events)
    const found = new Map<string, StoredDocument>()
    await sideBySide(ids, async (id) => {
      await this.#checkBeginning(this.#streamOf(id), events)
      const start = await this.#startOf(id)
      if (start) found.set(id, start.document)
    })
    this.#taken += found.size
    return found
  }

  async loadWhole(
    events: readonly RecordedEvent[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument> | undefined> {
    this.#checkStreams(events)
    const found = new Map<string, StoredDocument>()
    const missed: string[] = []
    let taken = 0
    await sideBySide(ids, async (id) => {
      if (missed.length > 0) return
      const start = await this.#startOf(id)
      const fold = await this.#foldOn(id, start)
      if (!fold) missed.push(id)
      this.#folded += fold?.events ?? 0
      const document = fold?.load(this.model.name, id)
      if (document) found.set(id, document)
      if (start) taken += 1
    })
    if (missed.length > 0) return undefined
    this.#taken += taken
    return found
  }

  /** The document of a snapshot; undefined where none can be used. */
  async #startOf(id: string): Promise<SnapshotStart | undefined> {
    const { snapshot: reading } = this.#handler.aggregate
    const stream = this.#streamOf(id)
    const restored =
      reading && (await this.#reader.read(stream, id, { reading, atOrBefore: undefined }))
    const document = restored && this.#documentFrom(stream, id, restored)
    if (!document) return undefined
    const { revision } = restored
    const position = await this.#lastPosition(stream, revision)
    if (position === undefined) return undefined
    // How many events are in it, the snapshot does not say.
    return { revision, document: { document, position, events: 0 } }
  }

  #documentFrom(
    stream: StreamName,
    id: string,
    { state, revision }: RestoredState<unknown>,
  ): ReadModelDocument | undefined {
    try {
      const document = this.#documentOf(state, { aggregateId: id, revision })
      if (document === undefined || document === null) return undefined
      refusePromise(document, 'a document')
      const { _id: found } = document
      if (found !== id)
        throw new InvalidDocumentError(
          `a document with _id ${JSON.stringify(found)}`,
          `_id "${id}", the id of the aggregate`,
        )
      return document
    } catch (cause) {
      const { name } = this.#options.definition
      throw new SnapshotDocumentError(name, stream, revision, { cause })
    }
  }

  /**
   * Position of the last event at or before a revision that the projection handles: the document's, had it been folded.
   * Undefined: there is none, or the stream is not what the snapshot was taken of.
   */
  async #lastPosition(stream: StreamName, revision: bigint): Promise<bigint | undefined> {
    const { eventStore } = this.#options.ports
    let from = revision
    for (let limit = 1; ; limit = backwardsPage) {
      let count = 0
      const reading = eventStore.readStream(stream, { from, direction: 'backwards', limit })
      try {
        for await (const events of reading)
          for (const event of events) {
            if (limit === 1 && event.revision !== revision) {
              this.#ignore(stream, revision)
              return undefined
            }
            if (this.#isHandled(event)) return event.position
            count += 1
            from = event.revision - 1n
          }
      } catch (error) {
        if (error instanceof StreamDeletedError) return undefined
        throw error
      }
      if (limit === 1 && count === 0) this.#ignore(stream, revision)
      if (count < limit || from < 0n) return undefined
    }
  }

  #ignore(stream: StreamName, revision: bigint): void {
    this.#reader.ignore(stream, 'A snapshot is newer than its stream and was ignored.', {
      revision,
    })
  }

  #isHandled(event: RecordedEvent): boolean {
    const { planner } = this.#options
    if (!this.#types.has(event.type)) return false
    const { steps, misread } = planner.plan([event], new DocumentCache(Infinity))
    return steps.length > 0 || misread.length > 0
  }

  /** Folds what a stream has behind a snapshot; undefined where that fails or the stream is not there any more. */
  async #foldOn(id: string, start: SnapshotStart | undefined): Promise<KeyFold | undefined> {
    const { definition, planner, ports } = this.#options
    const fold = new KeyFold(definition, planner, [id])
    if (start) fold.begin(this.model, id, start.document)
    const from = start ? start.revision + 1n : 0n
    let isThere = start !== undefined
    try {
      for await (const events of ports.eventStore.readStream(this.#streamOf(id), { from })) {
        isThere = true
        fold.apply(events)
      }
    } catch (error) {
      // The log tells whose turn it is to fail.
      if (error instanceof ProjectionHandlerError || error instanceof StreamDeletedError)
        return undefined
      throw error
    }
    return isThere ? fold : undefined
  }

  #streamOf(id: string): StreamName {
    return streamName(this.#handler.aggregate.category, id)
  }

  #checkStreams(events: readonly RecordedEvent[]): void {
    const { category } = this.#handler.aggregate
    const other = events.find(({ stream }) => categoryOf(stream) !== category)
    if (other)
      throw new SnapshotRebuildRefusedError(
        this.#options.definition.name,
        `its documents have events of other aggregates than "${category}", such as "${other.type}" in stream "${other.stream}"`,
      )
  }

  /** What should have been found by its first event, and was not, shows when another one comes. */
  async #checkBeginning(stream: StreamName, events: readonly RecordedEvent[]): Promise<void> {
    const { firstTypes } = this
    const next = events.find((event) => event.stream === stream)
    if (!firstTypes || !next || next.revision === 0n || firstTypes.includes(next.type)) return
    const first = await firstOf(this.#options.ports.eventStore.readStream(stream, { limit: 1 }))
    if (!first || firstTypes.includes(first.type)) return
    throw new SnapshotRebuildRefusedError(
      this.#options.definition.name,
      `stream "${stream}" begins with "${first.type}", which is none of the first events it names`,
    )
  }
}

async function firstOf(
  reading: AsyncIterable<readonly RecordedEvent[]>,
): Promise<RecordedEvent | undefined> {
  try {
    for await (const [first] of reading) return first
  } catch (error) {
    if (!(error instanceof StreamDeletedError)) throw error
  }
  return undefined
}

interface SnapshotStart {
  readonly revision: bigint
  readonly document: StoredDocument
}

async function sideBySide(
  ids: readonly string[],
  work: (id: string) => Promise<void>,
): Promise<void> {
  const rest = ids.values()
  const worker = async (): Promise<void> => {
    for (const id of rest) await work(id)
  }
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, worker))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
