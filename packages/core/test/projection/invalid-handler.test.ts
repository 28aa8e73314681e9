import { describe, expect, test } from 'vitest'
import { type ApplyToDocument, defineProjection, type DocumentKey, on } from '../../src/index.ts'
import { type Deposited, deposited, opened } from '../fixtures/accounts.ts'
import { type Balance, balances, documentsOf } from '../fixtures/balances.ts'
import { failureOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

describe('a handler that', () => {
  const wrong = (apply: unknown, key?: unknown) =>
    defineProjection('wrong', {
      into: balances,
      onError: 'halt',
      handlers: [
        on(
          deposited,
          balances,
          apply as ApplyToDocument<Deposited, Balance>,
          key ? { key: key as DocumentKey<Deposited> } : {},
        ),
      ],
    })
  test.each<[string, ReturnType<typeof wrong>, string]>([
    [
      'returns another _id',
      wrong(() => ({ _id: 'other' })),
      'The handler returned a document with _id "other", but _id "a1", the key of the event was expected.',
    ],
    ['returns an array', wrong(() => []), 'The handler returned a document with _id undefined'],
    [
      'returns a number',
      wrong(() => 7),
      'The handler returned a number, but a document, nothing or null was expected.',
    ],
    [
      'returns a promise',
      wrong(async () => ({ _id: 'a1' })),
      'The handler returned a promise, but a document at once: handlers are synchronous was expected.',
    ],
    [
      'returns a promise that fails',
      wrong(async () => Promise.reject(new TypeError('late'))),
      'The handler returned a promise',
    ],
    [
      'throws',
      wrong(() => {
        throw new TypeError('no owner')
      }),
      'no owner',
    ],
    [
      'names an empty key',
      wrong(
        () => null,
        () => '',
      ),
      'The handler returned the key "", but a non-empty string was expected.',
    ],
    [
      'names a key that is no string',
      wrong(
        () => null,
        () => [7],
      ),
      'The handler returned the key 7, but a non-empty string was expected.',
    ],
    [
      'has a key function that throws',
      wrong(
        () => null,
        () => {
          throw new TypeError('no key')
        },
      ),
      'no key',
    ],
    [
      'has a key function that is asynchronous',
      wrong(
        () => null,
        async () => Promise.reject(new TypeError('late')),
      ),
      'The handler returned a promise, but a key at once',
    ],
  ])('%s halts with the place and the reason', async (_name, projection, reason) => {
    await using world = new World([projection], { tuning: { retryDelaysMs: [] } })
    const position = await world.append('account-a1', deposited.create({ amount: 1 }))
    await world.projections.start()
    const error = await failureOf(() => world.projections.runner('wrong').waitFor(position, 5_000))
    expect((error as Error).message).toContain(
      'Projection "wrong" is halted: Projection "wrong" failed on "account.deposited" at account-a1/0 (position 0)',
    )
    expect((error as Error).message).toContain(reason)
    expect(await documentsOf(world, balances)).toEqual([])
  })

  test('changes the _id of its document halts', async () => {
    const projection = defineProjection('wrong', {
      into: balances,
      onError: 'halt',
      handlers: [
        on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
          _id: aggregateId,
          owner,
          balance: 0,
        })),
        on(
          deposited,
          balances,
          (_event, document) => void Object.assign(document!, { _id: 'other' }),
        ),
      ],
    })
    await using world = new World([projection], { tuning: { retryDelaysMs: [] } })
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.append('account-a1', deposited.create({ amount: 1 }))
    await world.projections.start()
    await expect(world.settle('wrong')).rejects.toThrow('a document with _id "other"')
    expect(await documentsOf(world, balances)).toEqual([{ _id: 'a1', owner: 'Ada', balance: 0 }])
  })
})
