import {
  aggregateIdOf,
  categoryOf,
  type EventToAppend,
  randomIds,
  type StreamName,
  toStreamName,
} from '@varve/core'
import { settingsType } from '../stream-administration/settings-event.ts'

/** Names the stream of an aggregate's snapshots: `<category>.snapshot-<id>`. */
export function snapshotStream(stream: StreamName): StreamName {
  return toStreamName(`${categoryOf(stream)}.snapshot-${aggregateIdOf(stream)}`)
}

/** Tells the server to forget a stream up to and with a revision. */
export function clearedStream(newest: bigint, keep: number): EventToAppend {
  return streamMetadata({ $maxCount: keep, $tb: Number(newest) + 1 })
}

function streamMetadata(data: EventToAppend['data']): EventToAppend {
  return { id: randomIds.next(), type: settingsType, data, metadata: {} }
}
