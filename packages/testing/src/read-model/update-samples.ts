type Fields = Readonly<Record<string, unknown>>

/** An update, and what it makes of a document. */
export interface UpdateSample {
  readonly name: string
  /** Undefined: there is no document. */
  readonly before?: Fields
  readonly update: Readonly<Record<string, Fields>>
  readonly after: Fields
}

const day = new Date('2024-02-29')
const later = new Date('2025-01-01')

const onFields: readonly UpdateSample[] = [
  {
    name: '$set, making objects on the way and filling up arrays',
    before: { list: [1] },
    update: { $set: { 'a.b.c': 1, 'list.3': 4, 'other.0': 5, date: day } },
    after: { list: [1, null, null, 4], a: { b: { c: 1 } }, other: { 0: 5 }, date: day },
  },
  {
    name: '$unset, which leaves null in an array and passes over what is not there',
    before: { gone: 1, in: { gone: 1, kept: 1 }, list: [1, 2] },
    update: { $unset: { gone: '', 'in.gone': '', 'list.0': '', 'no.such': '', 'in.kept.x': '' } },
    after: { in: { kept: 1 }, list: [null, 2] },
  },
  {
    name: '$inc by integers and fractions, from where it is or from nothing',
    before: { a: 1, b: 1.5, in: { c: -1 } },
    update: { $inc: { a: -3, b: 1, 'in.c': 0.25, d: 4, 'e.f': 1 } },
    after: { a: -2, b: 2.5, in: { c: -0.75 }, d: 4, e: { f: 1 } },
  },
  {
    name: '$inc of 64 bits, exactly',
    before: { wide: 2n ** 60n, narrow: 1, made: 2 ** 31 - 1 },
    update: { $inc: { wide: 1, narrow: 2n ** 55n, made: 1, from: 5n } },
    after: { wide: 2n ** 60n + 1n, narrow: 2n ** 55n + 1n, made: 2n ** 31n, from: 5n },
  },
  {
    name: '$mul, which makes zero of nothing',
    before: { a: 3, b: 0.5, wide: 3n },
    update: { $mul: { a: 4, b: 3, wide: 2, c: 9, d: 9n } },
    after: { a: 12, b: 1.5, wide: 6n, c: 0, d: 0n },
  },
  {
    name: '$min and $max of numbers, dates and texts, and from nothing',
    before: { a: 5, b: 5, c: day, d: 'b', wide: 7n },
    update: { $min: { a: 3, b: 8, e: 1, wide: 6 }, $max: { c: later, d: 'a', f: null } },
    after: { a: 3, b: 5, c: later, d: 'b', wide: 6, e: 1, f: null },
  },
  {
    name: '$min and $max across types, in the order MongoDB sorts them in',
    before: { a: 5, b: 5, c: 'x', d: [1], e: true },
    update: { $max: { a: 'text', b: null, c: 9 }, $min: { d: { n: 1 }, e: day } },
    after: { a: 'text', b: 5, c: 'x', d: { n: 1 }, e: true },
  },
  {
    name: '$rename, over what has the name already',
    before: { old: 1, taken: 2, in: { old: 3 } },
    update: { $rename: { old: 'taken', 'in.old': 'out.new', missing: 'nothing' } },
    after: { taken: 1, in: {}, out: { new: 3 } },
  },
  {
    name: '$setOnInsert of a document that is there',
    before: { n: 1 },
    update: { $setOnInsert: { made: true }, $inc: { n: 1 } },
    after: { n: 2 },
  },
  {
    name: '$setOnInsert of a document that is not there',
    update: { $setOnInsert: { made: true }, $inc: { n: 1 } },
    after: { made: true, n: 1 },
  },
  {
    name: '$bit',
    before: { a: 13, b: 5 },
    update: { $bit: { a: { and: 10 }, b: { or: 2 }, c: { xor: 6 } } },
    after: { a: 8, b: 7, c: 6 },
  },
  {
    name: '$unset alone, of a document that is not there',
    update: { $unset: { n: '' } },
    after: {},
  },
  {
    name: 'members that are undefined, which it leaves out',
    before: { n: 1 },
    update: { $set: { n: undefined, m: { kept: 1, gone: undefined } } },
    after: { n: 1, m: { kept: 1 } },
  },
]

const onArrays: readonly UpdateSample[] = [
  {
    name: '$push of one value, of an array as one value, and onto nothing',
    before: { list: [1], lists: [] },
    update: { $push: { list: 2, lists: [3, 4], made: { n: 1 } } },
    after: { list: [1, 2], lists: [[3, 4]], made: [{ n: 1 }] },
  },
  {
    name: '$push with $each, $position, $sort and $slice',
    before: { a: [1, 5], b: [4, 2], c: [1, 2, 3], d: [1], e: [1] },
    update: {
      $push: {
        a: { $each: [2, 3], $position: 1 },
        b: { $each: [3, 1], $sort: -1, $slice: 3 },
        c: { $each: [4], $slice: -2 },
        d: { $each: [7, 8], $position: -1 },
        e: { $each: [2], $slice: 0 },
        made: { $each: [3, 1, 2], $sort: 1, $slice: 2 },
      },
    },
    after: {
      a: [1, 2, 3, 5],
      b: [4, 3, 2],
      c: [3, 4],
      d: [7, 8, 1],
      e: [],
      made: [1, 2],
    },
  },
  {
    name: '$push sorted by fields of the elements, those without a field first',
    before: { list: [{ p: 2, n: 'b' }, { n: 'x' }] },
    update: {
      $push: {
        list: {
          $each: [
            { p: 1, n: 'c' },
            { p: 2, n: 'a' },
          ],
          $sort: { p: 1, n: -1 },
        },
      },
    },
    after: { list: [{ n: 'x' }, { p: 1, n: 'c' }, { p: 2, n: 'b' }, { p: 2, n: 'a' }] },
  },
  {
    name: '$addToSet of what is there and of what is not, each once',
    before: { a: [1, 1, 2], b: [{ n: 1, m: 2 }], c: [[1, 2]] },
    update: {
      $addToSet: {
        a: { $each: [2, 3, 3, 1n] },
        b: { n: 1, m: 2 },
        c: [2, 1],
        made: { $each: [1, 1] },
      },
    },
    after: {
      a: [1, 1, 2, 3],
      b: [{ n: 1, m: 2 }],
      c: [
        [1, 2],
        [2, 1],
      ],
      made: [1],
    },
  },
  {
    name: '$pull of a value, by a condition, and by fields of the elements',
    before: {
      a: [1, 2, 1],
      b: [1, 5, 9],
      c: [{ n: 1, m: 1 }, { n: 2 }, 7],
      d: ['ab', 'bc'],
      e: [1n, 2],
    },
    update: {
      $pull: { a: 1, b: { $gte: 5 }, c: { n: 1 }, d: { $in: ['ab'] }, e: 1, missing: 1 },
    },
    after: { a: [2], b: [1], c: [{ n: 2 }, 7], d: ['bc'], e: [2] },
  },
  {
    name: '$pullAll and $pop at either end',
    before: { a: [1, 2, 3, 2], b: [1, 2, 3], c: [1, 2, 3], d: [] },
    update: { $pullAll: { a: [2, 9] }, $pop: { b: 1, c: -1, d: 1, missing: 1 } },
    after: { a: [1, 3], b: [1, 2], c: [2, 3], d: [] },
  },
  {
    name: '$[], every element of an array',
    before: { list: [{ n: 1 }, { n: 2, m: 1 }], numbers: [1, 2], empty: [] },
    update: { $inc: { 'list.$[].n': 10, 'numbers.$[]': 1 }, $set: { 'empty.$[].n': 1 } },
    after: { list: [{ n: 11 }, { n: 12, m: 1 }], numbers: [2, 3], empty: [] },
  },
  {
    name: 'an element of an array by its number',
    before: { list: [{ n: 1 }, { n: 2 }] },
    update: { $inc: { 'list.1.n': 5 }, $push: { 'list.0.tags': 'x' } },
    after: { list: [{ n: 1, tags: ['x'] }, { n: 7 }] },
  },
]

/** What each update operator does. */
export const updateSamples: readonly UpdateSample[] = [...onFields, ...onArrays]
