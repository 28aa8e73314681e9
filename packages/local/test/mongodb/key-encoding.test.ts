import { Binary, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import { describe, expect, it } from 'vitest'
import { compareValues } from '../../src/mongodb/bson/compare.ts'
import { decodeDocument } from '../../src/mongodb/bson/decode.ts'
import { encodeDocument } from '../../src/mongodb/bson/encode.ts'
import { encodeKey } from '../../src/mongodb/bson/key-encoding.ts'
import type { BsonValue } from '../../src/mongodb/bson/value.ts'

const VALUES: BsonValue[] = [
  new MinKey(),
  null,
  new Double(NaN),
  new Double(-Infinity),
  Decimal128.fromString('-1E+400'),
  -(2n ** 63n),
  -5,
  new Double(-0.5),
  new Double(0),
  new Double(0.1),
  Decimal128.fromString('0.1'),
  Decimal128.fromString('0.1000000000000000055511151231257828'),
  1,
  1n,
  new Double(1),
  Decimal128.fromString('1.00'),
  new Double(1.5),
  9007199254740992n,
  9007199254740993n,
  new Double(9007199254740992),
  Decimal128.fromString('9007199254740993'),
  9007199254740994n,
  2n ** 63n - 1n,
  new Double(2 ** 63),
  Decimal128.fromString('1E+400'),
  new Double(Infinity),
  '',
  'a',
  'a\0',
  'a\0b',
  'ab',
  'b',
  'ä',
  '\uffee',
  '😀',
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { b: 0 },
  { a: 'x' },
  [],
  [1],
  [1, 2],
  ['a'],
  new Binary(Buffer.of(1)),
  new Binary(Buffer.of(1), 4),
  new Binary(Buffer.of(1, 2)),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ffffffffffffffffffffffff'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(1e12),
  new Timestamp({ t: 1, i: 2 }),
  new Timestamp({ t: 4294967295, i: 1 }),
  new MaxKey(),
]

describe('index keys', () => {
  it('compare like the values they are made of', () => {
    const wrong: unknown[] = []
    for (const left of VALUES) {
      for (const right of VALUES) {
        const byKey = Math.sign(Buffer.compare(encodeKey(left), encodeKey(right)))
        if (byKey !== Math.sign(compareValues(left, right))) wrong.push([left, right])
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('documents', () => {
  it('keep their bytes when they are decoded and encoded again', () => {
    const bytes = encodeDocument({ values: VALUES })
    expect(encodeDocument(decodeDocument(bytes)).equals(bytes)).toBe(true)
  })
})
