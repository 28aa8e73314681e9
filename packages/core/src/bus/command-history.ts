import type { AggregateRepository, LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import { CommandIds } from '../aggregate/command-ids.ts'
import type { EventStore } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { decodeAll } from '../serialization/decode-all.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { CommandIdReusedError } from './bus-errors.ts'
import { digestOf } from './command-digest.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import type { CommandResult } from './command-result.ts'

/** What a history is read with. */
export interface HistoryPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
}

/** An aggregate, and the ids of all commands that wrote it, where they are known. */
export interface ReadAggregate {
  readonly loaded: LoadedAggregate<unknown>
  readonly ids: CommandIds | undefined
}

/**
 * What the stream says of one command: whether it was carried out before, and with which result.
 *
 * An id made for this very command cannot be in the stream, unless an append of its own was stored and nobody said so.
 * So only ids the caller gave are searched for; what is read anyway is looked at in any case.
 */
export class CommandHistory {
  readonly #ports: HistoryPorts
  readonly #repository: AggregateRepository
  readonly #envelope: CommandEnvelope
  readonly #isGiven: boolean
  #earlier: RecordedEvent[] = []
  #isSearched = false

  constructor(ports: HistoryPorts, repository: AggregateRepository, envelope: CommandEnvelope) {
    this.#ports = ports
    this.#repository = repository
    this.#envelope = envelope
    this.#isGiven = envelope.options.id !== undefined
  }

  /** Whether there may be something to find. */
  get isOpen(): boolean {
    return this.#earlier.length > 0 || (this.#isGiven && !this.#isSearched)
  }

  /** Loads the aggregate, and notes which commands wrote it where that matters. */
  async load(id: string): Promise<ReadAggregate> {
    if (!this.#isGiven) return { loaded: await this.#repository.load(id), ids: undefined }
    const found: string[] = []
    const loaded = await this.#repository.load(id, (event) => this.#note(event, found))
    if (loaded.snapshotRevision === undefined) return { loaded, ids: new CommandIds(found) }
    return { loaded, ids: withIds(CommandIds.fromText(loaded.commandIds), found) }
  }

  /**
   * Reads what was added to an aggregate since.
   *
   * @param isIntact Whether its state is still the one that was loaded.
   */
  async renew({ loaded: before, ids }: ReadAggregate, isIntact: boolean): Promise<ReadAggregate> {
    const found: string[] = []
    const note = (event: RecordedEvent): void => this.#note(event, found)
    const loaded = isIntact
      ? await this.#repository.refresh(before, note)
      : await this.#repository.load(before.id, note)
    const { snapshotRevision: start } = loaded
    const isHidden =
      start !== undefined && (before.revision === undefined || start > before.revision)
    if (!isHidden) return { loaded, ids: withIds(ids, found) }
    // A snapshot others took hides some of what was added.
    this.#isSearched = false
    if (this.#earlier.length === 0) await this.#read(loaded, before.revision ?? -1n)
    return { loaded, ids: withIds(CommandIds.fromText(loaded.commandIds), found) }
  }

  /** Returns the first result where the command was carried out before, and the ids that are known then. */
  async search({ loaded, ids }: ReadAggregate): Promise<{
    readonly first: CommandResult | undefined
    readonly ids: CommandIds | undefined
  }> {
    let known = ids
    if (this.#earlier.length === 0 && this.#isGiven && loaded.revision !== undefined) {
      if (!known) known = await this.#readAll(loaded)
      else if (known.mayHave(this.#envelope.context.commandId)) await this.#read(loaded, -1n)
    }
    this.#isSearched = true
    return {
      first: this.#firstResult(loaded),
      ids: known ?? (this.#isGiven ? new CommandIds() : undefined),
    }
  }

  #note(event: RecordedEvent, found: string[]): void {
    const { commandId } = event.metadata
    if (commandId === undefined) return
    found.push(commandId)
    if (commandId === this.#envelope.context.commandId) this.#earlier.push(event)
  }

  async #readAll(loaded: LoadedAggregate<unknown>): Promise<CommandIds> {
    const found: string[] = []
    for await (const batch of this.#backwards(loaded))
      for (const event of batch) this.#note(event, found)
    this.#earlier.reverse()
    return new CommandIds(found)
  }

  /** Reads backwards until the command is found, or the revision is reached. */
  async #read(loaded: LoadedAggregate<unknown>, until: bigint): Promise<void> {
    for await (const batch of this.#backwards(loaded))
      for (const event of batch) {
        if (event.revision <= until) return
        if (event.metadata.commandId === this.#envelope.context.commandId)
          this.#earlier.unshift(event)
        else if (this.#earlier.length > 0) return
      }
  }

  #backwards({
    stream,
    revision,
  }: LoadedAggregate<unknown>): AsyncIterable<readonly RecordedEvent[]> {
    return this.#ports.eventStore.readStream(stream, {
      direction: 'backwards',
      ...(revision !== undefined && { from: revision }),
    })
  }

  #firstResult({ stream }: LoadedAggregate<unknown>): CommandResult | undefined {
    const last = this.#earlier.at(-1)
    if (!last) return undefined
    const { route, context, options } = this.#envelope
    const { type } = route.command
    const { commandType = type, commandDigest } = last.metadata
    const isOther =
      options.id !== undefined &&
      options.repeats !== 'any-payload' &&
      commandDigest !== undefined &&
      commandDigest !== digestOf(this.#envelope.payload)
    if (commandType !== type || isOther)
      throw new CommandIdReusedError(context.commandId, type, commandType)
    return {
      commandId: context.commandId,
      stream,
      revision: last.revision,
      position: last.position,
      events: this.#earlier.flatMap((event) => decodeAll(this.#ports.codec, event)),
      isRepeated: true,
    }
  }
}

function withIds(ids: CommandIds | undefined, found: readonly string[]): CommandIds | undefined {
  for (const id of found) ids?.add(id)
  return ids
}
