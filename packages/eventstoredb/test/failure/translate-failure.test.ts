import { toStreamName } from '@varve/core'
import { expect, test } from 'vitest'
import { translateFailure } from '../../src/failure/translate-failure.ts'

const attempt = {
  address: 'esdb://localhost:2113',
  operation: 'append to "a-1"',
  stream: toStreamName('a-1'),
  expected: 3n,
}

test.each([
  [
    { type: 'wrong-expected-version', actualVersion: 5n },
    { code: 'WRONG_EXPECTED_REVISION', actual: 5n },
  ],
  [{ type: 'wrong-expected-version', actualVersion: 'no_stream' }, { actual: undefined }],
  [{ type: 'stream-deleted' }, { code: 'STREAM_DELETED', stream: 'a-1' }],
  [
    { type: 'maximum-append-size-exceeded', maxAppendSize: 7 },
    { code: 'EVENT_TOO_LARGE', maxBytes: 7 },
  ],
  [{ type: 'access-denied' }, { code: 'EVENT_STORE_ACCESS_DENIED' }],
  [{ type: 'unavailable' }, { code: 'EVENT_STORE_UNAVAILABLE', address: 'esdb://localhost:2113' }],
  [
    { type: 'unknown', code: 2 },
    { code: 'EVENT_STORE_FAILED', operation: 'append to "a-1"' },
  ],
  [new RangeError('odd'), { code: 'EVENT_STORE_FAILED', reason: 'odd' }],
])(
  'what the client throws becomes an error of the port that keeps its cause',
  (cause, expected) => {
    const error = translateFailure(cause, attempt)
    expect(error).toMatchObject(expected)
    expect(error.cause).toBe(cause)
  },
)
