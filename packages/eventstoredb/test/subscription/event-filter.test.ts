import { describe, expect, test } from 'vitest'
import { localFilter, serverFilter } from '../../src/subscription/event-filter.ts'

const ignore = (): void => undefined
const at = (type: string, streamId = 's-1'): Parameters<ReturnType<typeof localFilter>>[0] => ({
  id: 'x',
  streamId,
  type,
  revision: 0n,
  data: {},
  created: new Date(0),
})

describe('the filter of the server', () => {
  test('matches exactly the types asked for, whatever characters they have', () => {
    const types = ['a.b', 'c+d(e)', '[x]{2}', String.raw`back\slash`, 'a|b', '^$', 'q?*']
    const { regex } = serverFilter({ types }, ignore) as { regex: string }
    const expression = new RegExp(regex)
    for (const type of types) expect(expression.test(type), type).toBe(true)
    for (const type of ['a', 'axb', 'a.b2', '2a.b', 'x', 'cd(e)', 'b', ''])
      expect(expression.test(type), type).toBe(false)
  })

  test('matches nothing where no type or prefix is asked for', () => {
    for (const options of [{ types: [] }, { streamPrefixes: [] }]) {
      const { regex } = serverFilter(options, ignore) as { regex: string }
      expect(new RegExp(regex).test('a')).toBe(false)
    }
  })

  test('leaves out only the events of the server by default', () => {
    const { regex } = serverFilter({}, ignore) as { regex: string }
    expect(['opened', '$metadata'].map((type) => new RegExp(regex).test(type))).toEqual([
      true,
      false,
    ])
  })

  test('tells how far it is without failing', () => {
    const positions: bigint[] = []
    const { checkpointReached } = serverFilter({}, ({ commit }) => positions.push(commit))
    void checkpointReached?.(undefined as never, { commit: 7n, prepare: 7n })
    expect(positions).toEqual([7n])
  })
})

describe('the filter of this side', () => {
  test('knows the types, and never lets the events of the server through', () => {
    const matches = localFilter({ types: ['a', '$b'] })
    expect(['a', 'b', '$b'].map((type) => matches(at(type)))).toEqual([true, false, false])
  })

  test('knows the prefixes of streams', () => {
    const matches = localFilter({ streamPrefixes: ['account-', 'order-'] })
    const found = ['account-1', 'order-2', 'accounts-3'].map((stream) => matches(at('a', stream)))
    expect(found).toEqual([true, true, false])
    expect(matches(at('$>', 'account-1'))).toBe(false)
  })
})
