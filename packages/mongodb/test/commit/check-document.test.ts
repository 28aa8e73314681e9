import { DocumentTooLargeError, UnstorableDocumentError } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { checkDocument } from '../../src/commit/check-document.ts'

const check = (fields: object) => () => checkDocument('accounts', 'a1', { _id: 'a1', ...fields })
const megabyte = 1024 * 1024

describe('a document that goes to MongoDB', () => {
  it('may hold what comes back as it was', () => {
    expect(
      check({
        numbers: [0, -0, 1.5, NaN, 2 ** 53],
        big: [2n ** 63n - 1n, -(2n ** 63n)],
        date: new Date(0),
        nothing: null,
        missing: undefined,
        deep: { list: [{ text: 'ä' }] },
        bytes: new Uint8Array(3),
      }),
    ).not.toThrow()
  })

  it('is refused over 16 MB, with its size', () => {
    expect(check({ text: 'x'.repeat(17 * megabyte) })).toThrow(DocumentTooLargeError)
    expect(check({ text: 'x'.repeat(17 * megabyte) })).toThrow(/"a1" of read model "accounts"/)
  })

  it('is refused by its bytes, not its characters', () => {
    expect(check({ text: '€'.repeat(6 * megabyte) })).toThrow(DocumentTooLargeError)
    expect(check({ text: 'x'.repeat(6 * megabyte) })).not.toThrow()
  })

  it('counts what lies deep inside, and bytes', () => {
    const part = 'x'.repeat(megabyte)
    expect(check({ a: [{ b: Array.from({ length: 17 }, () => part) }] })).toThrow(
      DocumentTooLargeError,
    )
    expect(check({ bytes: new Uint8Array(17 * megabyte) })).toThrow(DocumentTooLargeError)
  })

  it.each([
    ['a bigint over 64 bits', { a: { b: [2n ** 63n] } }, 'a.b.0'],
    ['a Map', { a: new Map() }, 'a'],
    ['a Set', { a: [new Set()] }, 'a.0'],
    ['a function', { a: { f: () => 1 } }, 'a.f'],
    ['a field _meta', { _meta: 1 }, '_meta'],
  ])('is refused with %s, and the error names the path', (_, fields, path) => {
    expect(check(fields)).toThrow(UnstorableDocumentError)
    expect(check(fields)).toThrow(`"${path}"`)
  })
})
