import { randomBytes } from 'node:crypto'
import type { SubjectKey, SubjectKeyStore } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

/** Faults of a subject key store. */
export const brokenSubjectKeys: readonly BrokenStore<SubjectKeyStore>[] = [
  {
    fault: 'makes keys for whoever reads',
    caughtBy: 'find knows nothing of a subject that never had a key, and makes none',
    breaks: (store) => ({ find: (people) => store.obtain(people) }),
  },
  {
    fault: 'takes forgotten subjects for unknown ones',
    caughtBy: 'find returns keys and forgotten subjects, and nothing of others',
    breaks: (store) => ({
      find: async (people) =>
        new Map([...(await store.find(people))].filter(([, key]) => key !== 'forgotten')),
    }),
  },
  {
    fault: 'takes unknown subjects for forgotten ones',
    caughtBy: 'find knows nothing of a subject that never had a key, and makes none',
    breaks: (store) => ({
      find: async (people) => {
        const found = await store.find(people)
        return new Map(people.map((one) => [one, found.get(one) ?? 'forgotten'] as const))
      },
    }),
  },
  {
    fault: 'has one key for all',
    caughtBy: 'obtain makes a key of 32 bytes for each subject, and no two alike',
    breaks: (store) => ({
      obtain: async (people) => {
        const key = new Uint8Array(32)
        return new Map([...(await store.obtain(people)).keys()].map((one) => [one, key] as const))
      },
    }),
  },
  {
    fault: 'makes another key each time',
    caughtBy: 'obtain returns the key that is there',
    breaks: () => ({
      obtain: async (people) =>
        new Map(people.map((one) => [one, new Uint8Array(randomBytes(32))] as const)),
    }),
  },
  {
    fault: 'looks for a key before it makes one, not while it does',
    caughtBy: 'obtain gives everybody who asks at once the same key',
    breaks: (store) => {
      const made = new Map<string, SubjectKey>()
      return {
        obtain: async (people) => {
          const found = new Map<string, SubjectKey>()
          for (const one of people) {
            const there = made.get(one)
            await store.find([one])
            const key = there ?? new Uint8Array(randomBytes(32))
            made.set(one, key)
            found.set(one, key)
          }
          return found
        },
      }
    },
  },
  {
    fault: 'deletes the key and does not note it',
    caughtBy: 'obtain makes no key for a forgotten subject, and does for those beside it',
    breaks: (store) => {
      const renamed = new Map<string, string>()
      const now = (people: readonly string[]) => people.map((one) => renamed.get(one) ?? one)
      const back = (people: readonly string[], found: ReadonlyMap<string, SubjectKey>) =>
        new Map(
          people.flatMap((one) => {
            const key = found.get(renamed.get(one) ?? one)
            return key ? [[one, key] as const] : []
          }),
        )
      return {
        find: async (people) => back(people, await store.find(now(people))),
        obtain: async (people) => back(people, await store.obtain(now(people))),
        forget: async (one) => {
          renamed.set(one, `${one}-${randomBytes(4).toString('hex')}`)
          return true
        },
      }
    },
  },
  {
    fault: 'forgets nobody',
    caughtBy: 'forget deletes the key, for every process',
    breaks: () => ({ forget: async () => true }),
  },
  {
    fault: 'says of everybody that there was a key',
    caughtBy: 'forget may be called again, and for a subject without a key',
    breaks: (store) => ({
      forget: async (one) => {
        await store.forget(one)
        return true
      },
    }),
  },
]
