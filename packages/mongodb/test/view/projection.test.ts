import { describe, expect, it } from 'vitest'
import { withoutMeta } from '../../src/view/projection.ts'

describe('a projection that hides _meta', () => {
  it.each([
    ['nothing', undefined, { _meta: 0 }],
    ['an empty projection', {}, { _meta: 0 }],
    ['an exclusion', { balance: 0 }, { balance: 0, _meta: 0 }],
    ['an exclusion of the id', { _id: 0 }, { _id: 0, _meta: 0 }],
    ['an inclusion', { balance: 1 }, { balance: 1 }],
    ['an inclusion without the id', { _id: 0, balance: true }, { _id: 0, balance: true }],
    ['an inclusion of the id alone', { _id: 1 }, { _id: 1 }],
    ['a nested inclusion', { address: { city: 1 } }, { address: { city: 1 } }],
    ['a nested exclusion', { address: { city: 0 } }, { address: { city: 0 }, _meta: 0 }],
    ['a slice alone', { items: { $slice: 2 } }, { items: { $slice: 2 }, _meta: 0 }],
    ['an expression', { sum: { $add: ['$a', 1] } }, { sum: { $add: ['$a', 1] } }],
    ['a wish for it', { _meta: 1, '_meta.position': 1, balance: 1 }, { balance: 1 }],
  ])('comes from %s', (_, given, hiding) => {
    expect(withoutMeta(given)).toEqual(hiding)
  })
})
