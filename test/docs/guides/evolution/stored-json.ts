import { collectDefinitions } from '@varve/decorators'
import { buildModel, decodeAll, JsonEventCodec, type RecordedEvent, streamName } from '@varve/core'
import { ParcelDispatched, ParcelInsured, ParcelRegistered } from './events.ts'

// #region read
const { definitions } = collectDefinitions([ParcelRegistered, ParcelDispatched, ParcelInsured])
const codec = new JsonEventCodec(buildModel(definitions).events)

/** What today's code makes of an event as it lies in the log. */
export function read(type: string, version: number, json: string): readonly object[] {
  const recorded: RecordedEvent = {
    id: '4c6f6e64-6f6e-4272-9964-676500000000',
    type,
    stream: streamName('parcel', 'p1'),
    revision: 0n,
    position: 0n,
    data: JSON.parse(json),
    metadata: { schemaVersion: version },
    recordedAt: new Date('2021-04-01T08:00:00Z'),
  }
  return decodeAll(codec, recorded)
}
// #endregion read

// #region older
const consumed = codec.encodeAs(new ParcelRegistered('Ada', 1500, '2021-04-01'), 2)
// #endregion older

export { consumed }
