import type { EventMetadata, RecordedEvent, StreamName } from '@varve/core'
import type { DeliveredEvent } from './delivery.ts'
import { positionOf } from './log-position.ts'

const dollar = 36
const noMetadata: EventMetadata = Object.freeze({})

/** Tells the events users see from the server's own: metadata, links, statistics. */
export function isUserEvent(event: DeliveredEvent): boolean {
  return event.type.charCodeAt(0) !== dollar
}

/** Builds the port's event. Metadata that is no JSON object counts as none. */
export function toRecordedEvent(event: DeliveredEvent): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    stream: event.streamId as StreamName,
    revision: event.revision,
    position: positionOf(event),
    data: event.data,
    metadata: isObject(event.metadata) ? event.metadata : noMetadata,
    recordedAt: event.created,
  }
}

function isObject(metadata: unknown): metadata is EventMetadata {
  return (
    typeof metadata === 'object' &&
    metadata !== null &&
    !Array.isArray(metadata) &&
    !(metadata instanceof Uint8Array)
  )
}
