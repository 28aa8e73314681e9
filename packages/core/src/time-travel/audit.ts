import type { EventStore, ReadAllOptions } from '../event-store/event-store.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { aggregateIdOf, categoryOf, type StreamName } from '../event-store/stream-name.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { SchemaOfThePast } from './aggregate-history.ts'
import type { LogDates } from './log-dates.ts'
import { isWithin, type PointInTime, pointOf, type PointOrResult } from './point-in-time.ts'
import { revisionAt } from './revision-at.ts'

/** Which events an audit is about. What is left out is not asked for; all that is given must fit. */
export interface AuditOptions {
  /** Name of the stream, `account-a1`. Without it the log is read from `from` to `to`. */
  readonly stream?: StreamName | string
  readonly actor?: string
  readonly correlationId?: string
  readonly tenant?: string
  /** The first event: at this point or after it. A revision needs a `stream`. Default: the first there is. */
  readonly from?: PointOrResult
  /** The last event: at this point or before it. Default: the last there is now. */
  readonly to?: PointOrResult
  /** As in a history: events as today's upcasters make them, or as they are stored. Default `current`. */
  readonly schema?: SchemaOfThePast
}

/** Who did what when. */
export interface AuditEntry {
  readonly at: Date
  readonly actor: string | undefined
  readonly tenant: string | undefined
  /** Type and id of the command; undefined where no command of Varve's wrote the event. */
  readonly command: string | undefined
  readonly commandId: string | undefined
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
  readonly stream: StreamName
  readonly category: string
  readonly aggregateId: string
  readonly revision: bigint
  readonly position: bigint
  readonly eventId: string
  readonly type: string
  readonly data: unknown
  readonly schemaVersion: number
}

/** What an audit reads. */
export interface AuditPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
  readonly dates: LogDates
}

/**
 * Yields who did what when, oldest first, out of the events' metadata.
 *
 * @throws {PointInTimeError} `from` or `to` is a revision and no stream is given, or no valid point.
 */
export async function* audit(
  { eventStore, codec, dates }: AuditPorts,
  options: AuditOptions,
): AsyncGenerator<AuditEntry, undefined> {
  const { stream, schema = 'current' } = options
  const [from, to] = [pointIn(options, options.from), pointIn(options, options.to)]
  const reading =
    stream !== undefined
      ? eventStore.readStream(stream as StreamName, {
          from: from ? await firstRevision(eventStore, stream as StreamName, from) : 0n,
        })
      : eventStore.readAll(from ? await firstPosition(dates, from) : {})
  for await (const batch of reading)
    for (const stored of batch) {
      if (to && !isWithin(stored, to)) return
      if (from && isOlder(stored, from)) continue
      if (!isAskedFor(stored, options)) continue
      const parts = schema === 'current' ? codec.upcast(stored) : undefined
      for (const event of parts ?? [stored]) yield entryOf(event)
    }
}

function isAskedFor(
  { metadata }: RecordedEvent,
  { actor, correlationId, tenant }: AuditOptions,
): boolean {
  if (actor !== undefined && metadata.actor !== actor) return false
  if (tenant !== undefined && metadata.tenant !== tenant) return false
  return correlationId === undefined || metadata.$correlationId === correlationId
}

function pointIn(
  { stream }: AuditOptions,
  given: PointOrResult | undefined,
): PointInTime | undefined {
  if (given === undefined) return undefined
  const subject = stream === undefined ? 'The log' : `Stream "${stream}"`
  return pointOf(subject, given, stream === undefined ? 'log' : 'stream')
}

async function firstRevision(
  eventStore: EventStore,
  stream: StreamName,
  from: PointInTime,
): Promise<bigint> {
  if (from.revision !== undefined) return from.revision
  const last = await revisionAt(eventStore, stream, justBefore(from))
  return last === undefined ? 0n : last + 1n
}

/** Only the position of an event can be read from, and a position that was given may be none. */
async function firstPosition(dates: LogDates, from: PointInTime): Promise<ReadAllOptions> {
  if (from.date === undefined) return {}
  const before = await dates.positionAt(new Date(from.date.getTime() - 1))
  return before === undefined ? {} : { from: before }
}

function justBefore({ position, date }: PointInTime): PointInTime {
  return position === undefined
    ? { date: new Date((date as Date).getTime() - 1) }
    : { position: position - 1n }
}

function isOlder(event: RecordedEvent, { revision, position, date }: PointInTime): boolean {
  if (revision !== undefined) return event.revision < revision
  if (position !== undefined) return event.position < position
  return event.recordedAt.getTime() < date.getTime()
}

function entryOf(event: RecordedEvent): AuditEntry {
  const { stream, revision, position, metadata, recordedAt, type, data } = event
  return {
    at: recordedAt,
    actor: metadata.actor,
    tenant: metadata.tenant,
    command: metadata.commandType,
    commandId: metadata.commandId,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    stream,
    category: categoryOf(stream),
    aggregateId: aggregateIdOf(stream),
    revision,
    position,
    eventId: event.id,
    type,
    data,
    schemaVersion: metadata.schemaVersion ?? 1,
  }
}
