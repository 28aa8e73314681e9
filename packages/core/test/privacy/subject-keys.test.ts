import { InMemorySubjectKeyStore } from '@varve/memory'
import { VirtualClock } from '@varve/testing'
import { describe, expect, test } from 'vitest'
import { SubjectKeys, type SubjectKeyStore } from '../../src/index.ts'
import { around } from '../fixtures/around.ts'

/** A store that notes what it is asked for. */
function watched() {
  const asked: string[] = []
  const store: SubjectKeyStore = around(new InMemorySubjectKeyStore(), {
    find: (find, subjects) => {
      asked.push(`find ${subjects.join(' ')}`)
      return find(subjects)
    },
    obtain: (obtain, subjects) => {
      asked.push(`obtain ${subjects.join(' ')}`)
      return obtain(subjects)
    },
  })
  return { asked, store }
}

describe('keys', () => {
  test('are asked for once in their time, all that are missing together; unknown ones each time', async () => {
    const { asked, store } = watched()
    const clock = new VirtualClock()
    const keys = new SubjectKeys(store, { ttlMs: 1_000, clock })
    await keys.obtain(['a', 'b'])
    await keys.find(['a', 'b', 'c', 'c'])
    await keys.find(['c'])
    expect(asked).toEqual(['obtain a b', 'find c', 'find c'])
    clock.advance(1_001)
    await keys.find(['a'])
    expect(asked).toEqual(['obtain a b', 'find c', 'find c', 'find a'])
  })

  test('that were missing when they were looked for are made when they are needed', async () => {
    const { store } = watched()
    const keys = new SubjectKeys(store)
    expect((await keys.find(['a'])).size).toBe(0)
    expect((await keys.obtain(['a'])).size).toBe(1)
    expect((await keys.find(['a'])).size).toBe(1)
  })

  test('are gone at once in the process that forgets', async () => {
    const keys = new SubjectKeys(new InMemorySubjectKeyStore())
    await keys.obtain(['a'])
    expect(await keys.forget('a')).toBe(true)
    expect(await keys.find(['a'])).toEqual(new Map([['a', 'forgotten']]))
    expect(await keys.obtain(['a'])).toEqual(new Map([['a', 'forgotten']]))
  })

  test('are gone in another process after their time', async () => {
    const store = new InMemorySubjectKeyStore()
    const clock = new VirtualClock()
    const other = new SubjectKeys(store, { ttlMs: 1_000, clock })
    await other.obtain(['a'])
    await new SubjectKeys(store).forget('a')
    expect((await other.find(['a'])).get('a')).toHaveLength(32)
    clock.advance(1_001)
    expect((await other.find(['a'])).get('a')).toBe('forgotten')
  })

  test('that arrive after their subject was forgotten are not kept', async () => {
    const inner = new InMemorySubjectKeyStore()
    await inner.obtain(['a'])
    let arrive: () => void = () => undefined
    const arrival = new Promise<void>((resolve) => (arrive = resolve))
    const store: SubjectKeyStore = around(inner, {
      find: async (find, subjects) => {
        const found = await find(subjects)
        await arrival
        return found
      },
    })
    const keys = new SubjectKeys(store)
    const reading = keys.find(['a'])
    await keys.forget('a')
    arrive()
    await reading
    expect((await keys.find(['a'])).get('a')).toBe('forgotten')
  })
})
