import type { EventMetadata, EventToAppend } from '../event-store/recorded-event.ts'
import { eventIdOf } from '../message/message-ids.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import { digestOf } from './command-digest.ts'
import type { CommandEnvelope } from './command-envelope.ts'

/**
 * Makes the events of a command ready to be stored, with where they come from.
 *
 * A command with an id of its own can only ever be sent again by this process, so its events' ids are made of it
 * alone. One whose id the caller gave may be decided by several processes at once, each with a clock of its own, and may
 * go to several aggregates: there the ids also depend on the stream and the data, so that neither the store nor an event
 * handler that remembers ids ever takes one event for another.
 */
export function encodeDecided(
  codec: EventCodec,
  events: readonly object[],
  envelope: CommandEnvelope,
  stream: StreamName,
): readonly EventToAppend[] {
  const { commandId } = envelope.context
  const isGiven = envelope.options.id !== undefined
  return events.map((event, index) => {
    const { type, data, schemaVersion } = codec.encode(event)
    const content = isGiven ? `${stream}/${type}${JSON.stringify(data)}` : undefined
    const id = eventIdOf(commandId, index, content)
    return { id, type, data, metadata: metadataOf(envelope, schemaVersion) }
  })
}

function metadataOf(
  { route, payload, context, options }: CommandEnvelope,
  schemaVersion: number,
): EventMetadata {
  const { commandId, correlationId, actor, tenant } = context
  const { id, repeats, causationId, traceparent } = options
  return {
    $correlationId: correlationId,
    $causationId: causationId ?? commandId,
    ...(actor !== undefined && { actor }),
    ...(tenant !== undefined && { tenant }),
    ...(traceparent !== undefined && { traceparent }),
    commandId,
    commandType: route.command.type,
    ...(id !== undefined && repeats !== 'any-payload' && { commandDigest: digestOf(payload) }),
    schemaVersion,
  }
}
