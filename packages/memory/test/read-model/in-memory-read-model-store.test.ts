import {
  defineReadModel,
  type DocumentWrite,
  DocumentTooLargeError,
  GenerationConflictError,
  type ReadModelDocument,
  ReadModelWithoutHistoryError,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import { InMemoryReadModelStore } from '../../src/index.ts'

interface Balance extends ReadModelDocument {
  owner: string
  lines: number[]
}

const balances = defineReadModel<Balance>('balances')
const generation = { projection: 'account-balances', version: 1, number: 1 }

function write(document: ReadModelDocument, position = 1n): DocumentWrite {
  return {
    model: balances,
    id: document._id,
    document,
    position,
    events: 1,
    previous: undefined,
    versions: [],
  }
}

async function commit(store: InMemoryReadModelStore, ...writes: DocumentWrite[]): Promise<void> {
  const from = await store.takeCheckpoint(generation)
  await store.commit({ generation, writes, from, position: 1n })
}

describe('a stored document', () => {
  test('does not change when the writer changes its object later', async () => {
    const store = new InMemoryReadModelStore()
    const document: Balance = { _id: 'a1', owner: 'Ada', lines: [1] }
    await commit(store, write(document))
    document.lines.push(2)
    const loaded = await store.load(generation, balances, ['a1'])
    expect(loaded.get('a1')?.document).toEqual({ _id: 'a1', owner: 'Ada', lines: [1] })
  })

  test('does not change when a reader changes what it loaded or found', async () => {
    const store = new InMemoryReadModelStore()
    await commit(store, write({ _id: 'a1', owner: 'Ada', lines: [1] } as Balance))
    const loaded = (await store.load(generation, balances, ['a1'])).get('a1')?.document as Balance
    loaded.lines.push(2)
    const found = (await store.view(generation, balances).findOne({ _id: 'a1' })) as Balance
    found.lines.push(3)
    expect(await store.view(generation, balances).findOne({ _id: 'a1' })).toEqual({
      _id: 'a1',
      owner: 'Ada',
      lines: [1],
    })
  })

  test('keeps dates, bigints and bytes, and makes class instances plain', async () => {
    class Money {
      constructor(readonly amount: bigint) {}
    }
    const store = new InMemoryReadModelStore()
    const document = {
      _id: 'a1',
      money: new Money(7n),
      opened: new Date('2024-02-29'),
      key: Uint8Array.of(1, 2),
      missing: undefined,
    }
    await commit(store, write(document))
    const loaded = await store.load(generation, balances, ['a1'])
    expect(loaded.get('a1')?.document).toStrictEqual({
      _id: 'a1',
      money: { amount: 7n },
      opened: new Date('2024-02-29'),
      key: Uint8Array.of(1, 2),
    })
  })

  test('over 16 MiB is refused, and nothing of the commit is written', async () => {
    const store = new InMemoryReadModelStore()
    const large = { _id: 'a2', text: 'x'.repeat(16 * 1024 * 1024) }
    await expect(commit(store, write({ _id: 'a1' }), write(large))).rejects.toThrow(
      DocumentTooLargeError,
    )
    expect(await store.view(generation, balances).countDocuments()).toBe(0)
  })
})

describe('a document MongoDB could not keep', () => {
  test.each([
    [{ lines: new Map() }, 'lines" is a Map'],
    [{ deep: { total: 2n ** 64n } }, 'deep.total" is 18446744073709551616, over 64 bits'],
    [{ deep: [() => 1] }, 'deep.0" is a function'],
    [{ _meta: 1 }, '_meta" is kept for Varve'],
  ])('is refused with the path: %o', async (extra, message) => {
    const store = new InMemoryReadModelStore()
    await expect(commit(store, write({ _id: 'a1', ...extra }))).rejects.toThrow(message)
  })
})

describe('a deleted document', () => {
  test('stays deleted when an older write comes again', async () => {
    const store = new InMemoryReadModelStore({ level: 'idempotent' })
    await commit(store, { ...write({ _id: 'a1' }, 5n), document: undefined })
    await commit(store, write({ _id: 'a1' }, 4n))
    const loaded = await store.load(generation, balances, ['a1'])
    expect(loaded.get('a1')).toEqual({ document: undefined, position: 5n, events: 0 })
  })
})

describe('a unique index', () => {
  const emails = defineReadModel('emails', {
    indexes: [{ keys: { 'login.email': 1 }, unique: true, sparse: true }],
  })
  const user = (id: string, email: string | undefined, position: bigint): DocumentWrite => ({
    ...write({ _id: id, login: { email } } as ReadModelDocument, position),
    model: emails,
  })

  test('refuses a value that another document has, and writes nothing of the commit', async () => {
    const store = new InMemoryReadModelStore()
    await commit(store, user('a', 'x@y', 1n))
    await expect(commit(store, user('c', 'z@y', 2n), user('b', 'x@y', 3n))).rejects.toThrow(
      'Document "b" of read model "emails" has the value ["x@y"] under the unique index "login.email_1"',
    )
    await expect(commit(store, user('c', 'z', 2n), user('d', 'z', 2n))).rejects.toThrow('["z"]')
    expect(await store.view(generation, emails).distinct('_id')).toEqual(['a'])
  })

  test('looks at what a commit makes in the end, not at the order of its writes', async () => {
    const store = new InMemoryReadModelStore()
    await commit(store, user('a', 'x@y', 1n), user('b', 'z@y', 1n))
    await commit(store, user('a', 'z@y', 2n), user('b', 'x@y', 2n))
    await commit(store, user('c', 'x@y', 3n), { ...user('b', 'x@y', 3n), document: undefined })
    await commit(store, user('a', 'free@y', 4n), user('d', 'z@y', 4n))
    expect((await store.view(generation, emails).distinct('login.email')).toSorted()).toEqual([
      'free@y',
      'x@y',
      'z@y',
    ])
  })

  test('leaves documents without the field alone where it is sparse', async () => {
    const store = new InMemoryReadModelStore()
    await commit(store, user('a', undefined, 1n), user('b', undefined, 1n))
    expect(await store.view(generation, emails).countDocuments()).toBe(2)
  })
})

describe('generations', () => {
  test('are not saved when their revision does not follow', async () => {
    const store = new InMemoryReadModelStore()
    const record = {
      projection: 'p',
      active: generation,
      previous: undefined,
      building: undefined,
      revision: 3,
    }
    await expect(store.saveGenerations(record, 0)).rejects.toThrow(GenerationConflictError)
    expect(await store.generations('p')).toBeUndefined()
  })
})

describe('a view of the past', () => {
  test('of a model without history is refused with what to do', () => {
    const store = new InMemoryReadModelStore()
    expect(() => store.view(generation, balances, { position: 1n })).toThrow(
      ReadModelWithoutHistoryError,
    )
    expect(() => store.view(generation, balances, { position: 1n })).toThrow(
      'Read model "balances" keeps no history, so there is no view of its past. Declare it with history: true and rebuild its projection.',
    )
  })
})
