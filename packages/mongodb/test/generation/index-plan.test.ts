import { describe, expect, it } from 'vitest'
import { planIndexes, toDescription } from '../../src/generation/index-plan.ts'

const id = { name: '_id_', key: { _id: 1 } }

describe('the indexes of a collection', () => {
  it('get the name MongoDB would give them', () => {
    expect(toDescription({ keys: { owner: 1, city: -1 } })).toEqual({
      key: { owner: 1, city: -1 },
      name: 'owner_1_city_-1',
    })
  })

  it('are created where they are missing', () => {
    const declared = [toDescription({ keys: { owner: 1 }, unique: true })]
    expect(planIndexes(declared, [id])).toEqual({ missing: declared, changed: [], undeclared: [] })
  })

  it('are left alone where they are as declared, under any name', () => {
    const found = { name: 'mine', key: { owner: 1 }, unique: true }
    const declared = [toDescription({ keys: { owner: 1 }, unique: true })]
    expect(planIndexes(declared, [id, found])).toEqual({ missing: [], changed: [], undeclared: [] })
  })

  it.each([
    ['option', { keys: { owner: 1 } }, { name: 'owner_1', key: { owner: 1 }, unique: true }],
    ['order of keys', { keys: { a: 1, b: 1 }, name: 'x' }, { name: 'x', key: { b: 1, a: 1 } }],
    ['direction', { keys: { a: 1 }, name: 'x' }, { name: 'x', key: { a: -1 } }],
  ] as const)('are reported where another %s is declared', (_, definition, found) => {
    const declared = toDescription(definition)
    expect(planIndexes([declared], [id, found])).toEqual({
      missing: [],
      changed: [{ declared, found }],
      undeclared: [],
    })
  })

  it('are reported where they are not declared any more', () => {
    const found = { name: 'owner_1', key: { owner: 1 } }
    expect(planIndexes([], [id, found]).undeclared).toEqual([found])
  })
})
