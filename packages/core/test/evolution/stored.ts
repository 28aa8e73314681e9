import { type EventMetadata, type RecordedEvent, type StreamName } from '../../src/index.ts'

export const recordedAt = new Date('2021-05-06T07:08:09.000Z')

/** An event as it stands in the log. */
export function stored(
  type: string,
  version: number,
  json: string,
  metadata: EventMetadata = {},
): RecordedEvent {
  return {
    id: '00000000-0000-4000-8000-000000000000',
    type,
    stream: 'account-a1' as StreamName,
    revision: 4n,
    position: 17n,
    data: JSON.parse(json) as unknown,
    metadata: { ...metadata, schemaVersion: version },
    recordedAt,
  }
}
