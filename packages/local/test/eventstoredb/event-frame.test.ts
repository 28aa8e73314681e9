import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import {
  decodeEventFrame,
  encodeEventFrame,
  TOMBSTONE_REVISION,
} from '../../src/eventstoredb/wire/event-frame.ts'
import { resolvedEvent } from '../../src/eventstoredb/wire/read-responses.ts'
import { readUuid, writeStructuredUuid } from '../../src/eventstoredb/wire/uuid.ts'
import { message } from '../../src/eventstoredb/wire/protobuf.ts'

// The definitions of the client, as an independent decoder.
const { ReadResp } = createRequire(import.meta.url)(
  '@eventstore/db-client/generated/streams_pb.js',
) as { ReadResp: { deserializeBinary(bytes: Uint8Array): { toObject(): { event: unknown } } } }

const event = {
  id: '01234567-89ab-cdef-fedc-ba9876543210',
  type: 'Opened',
  isJson: true,
  data: Buffer.from('{"a":1}'),
  metadata: Buffer.from('{"b":2}'),
}
const place = { stream: 'account-1', revision: 3, position: 2 ** 40, created: 1_700_000_000_123 }

describe('a stored event', () => {
  it('is what the client decodes as a read event', () => {
    const decoded = ReadResp.deserializeBinary(
      encodeEventFrame(event, place).subarray(5),
    ).toObject()
    expect(decoded.event).toMatchObject({
      commitPosition: String(2 ** 40),
      event: {
        id: { string: event.id },
        streamRevision: '3',
        commitPosition: String(2 ** 40),
        preparePosition: String(2 ** 40),
        metadataMap: [
          ['content-type', 'application/json'],
          ['created', '17000000001230000'],
          ['type', 'Opened'],
        ],
        data: event.data.toString('base64'),
        customMetadata: event.metadata.toString('base64'),
      },
    })
  })

  it('decodes to what was encoded', () => {
    expect(decodeEventFrame(encodeEventFrame(event, place))).toEqual({ ...event, ...place })
  })

  it('shows the end of a tombstoned stream as revision 2^63-1', () => {
    const frame = encodeEventFrame(event, { ...place, revision: TOMBSTONE_REVISION })
    const decoded = ReadResp.deserializeBinary(frame.subarray(5)).toObject()
    expect(decoded.event).toMatchObject({ event: { streamRevision: '9223372036854775807' } })
    expect(decodeEventFrame(frame).revision).toBe(TOMBSTONE_REVISION)
  })

  it('can be sent with its id as two halves', () => {
    const frame = encodeEventFrame(event, place)
    const sent = resolvedEvent({ event: frame, link: undefined }, { structuredIds: true })
    const decoded = ReadResp.deserializeBinary(sent.subarray(5)).toObject()
    expect(decoded.event).toMatchObject({
      event: {
        id: {
          structured: {
            mostSignificantBits: '81985529216486895',
            leastSignificantBits: '-81985529216486896',
          },
        },
        streamRevision: '3',
        data: event.data.toString('base64'),
      },
    })
  })
})

describe('a UUID', () => {
  it('is the same as text and as two halves', () => {
    const writer = message()
    writeStructuredUuid(writer, 1, event.id)
    // Without the tag and length of the outer field.
    expect(readUuid(writer.finish().subarray(2))).toBe(event.id)
  })

  it('is refused when it is not one', () => {
    expect(() => readUuid(Buffer.concat([Buffer.from([0x12, 3]), Buffer.from('abc')]))).toThrow(
      /"abc" is not a UUID/,
    )
  })
})
