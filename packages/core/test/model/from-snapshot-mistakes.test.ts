import { expect, test } from 'vitest'
import {
  buildModel,
  type ConfigurationError,
  defineAggregate,
  defineProjection,
  defineReadModel,
  evolveWith,
  fromSnapshot,
  on,
  write,
} from '../../src/index.ts'
import { closed, defineAccount, deposited, opened } from '../fixtures/accounts.ts'
import { failureOf } from '../fixtures/collect.ts'
import { bankOf } from '../fixtures/snapshot-balances.ts'

const past = defineReadModel('past', { history: true })
const counts = defineReadModel('counts')

test('a projection says from whose snapshots its documents are made', () => {
  expect(buildModel(bankOf()).projections[0]).toMatchObject({
    fromSnapshot: { aggregate: { category: 'account' }, model: { name: 'balances' } },
  })
})

test('a projection whose documents do not follow from one state is refused with every reason', async () => {
  const account = defineAccount()
  const wallet = defineAggregate('wallet', {
    initial: () => 0,
    decide: [],
    evolve: [evolveWith(deposited, (sum) => sum)],
  })
  const wrong = defineProjection('wrong', {
    into: [past, counts],
    handlers: [
      on(opened, past, ({ owner }) => ({ _id: owner }), { key: ({ owner }) => owner }),
      on(deposited, past, () => undefined, { joins: [{ model: counts, id: () => 'all' }] }),
      write(closed, counts, () => ({ $inc: { count: 1 } })),
    ],
    fromSnapshot: fromSnapshot(account, past, (_state, { aggregateId }) => ({ _id: aggregateId })),
  })
  const failure = await failureOf(() => buildModel([account, wallet, wrong]))
  const but = 'Projection "wrong" is made from snapshots of "account", but'
  expect((failure as ConfigurationError).mistakes).toEqual([
    `${but} the aggregate takes none. Say when it is to take them.`,
    `${but} not into its only read model. Give it one read model.`,
    `${but} keeps a history, which no snapshot has. Leave one of the two out.`,
    `${but} its handler of "account.opened" has a key. Each document must be that of one aggregate.`,
    `${but} its handler of "account.deposited" reads other documents. Leave one of the two out.`,
    `${but} its handler of "account.closed" writes by update operators. Fold it.`,
    `${but} the state does not have "account.closed". Have the aggregate apply it.`,
    `${but} "account.deposited" is an event of "wallet", too. Each document must be that of one aggregate.`,
  ])
})
