import { describe, expect, test } from 'vitest'
import {
  buildModel,
  ConfigurationError,
  decideOn,
  defineAggregate,
  defineCommand,
  defineCommandHandler,
  type Definition,
  defineEvent,
  defineProjection,
  defineQueryHandler,
  defineReadModel,
  evolveWith,
  on,
  Query,
} from '../../src/index.ts'
import { defineAccount, deposit, deposited, open, opened } from '../fixtures/accounts.ts'

const balances = defineReadModel('balances')
const byAccount = defineProjection('by-account', {
  into: balances,
  handlers: [on(opened, balances, (_event, _document, { aggregateId }) => ({ _id: aggregateId }))],
})

function mistakesOf(...definitions: Definition[]): readonly string[] {
  try {
    buildModel(definitions)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as ConfigurationError).mistakes
  }
}

test('a model knows its events, commands, queries and read models', () => {
  class All extends Query<number> {}
  const all = defineQueryHandler(All, { reads: [balances], execute: () => 1 })
  const model = buildModel([defineAccount(), byAccount, all])
  expect(model.events.map(({ type }) => type)).toEqual(['account.opened', 'account.deposited'])
  expect([...model.commands.keys()]).toEqual(['account.open', 'account.deposit', 'account.note'])
  expect(model.readModels.get('balances')?.projection).toBe(byAccount)
  expect(model.queries.get(All)).toBe(all)
})

test('the same definition listed twice counts once', () => {
  const account = defineAccount()
  expect(mistakesOf(account, account, byAccount, byAccount)).toEqual([])
})

test('all mistakes are listed in one error, those found before first', () => {
  const call = (): unknown =>
    buildModel([defineReadModel('orphans'), defineEvent(''), defineEvent('$x')], ['found before'])
  expect(call).toThrow(
    'The application has 4 mistakes:\n  - found before\n  - Event without a name: give it a stable one.\n  - Event "$x" starts with "$", which belongs to the server.\n  - Read model "orphans" has no projection that builds it.',
  )
})

describe('a mistake is named', () => {
  class Twice {
    readonly isEvent = true
  }
  class Lookup extends Query<number> {}
  const empty = { initial: () => 0, decide: [], evolve: [] }
  const transfers = defineAggregate('transfer', { ...empty, decide: [decideOn(open, () => [])] })
  const other = defineReadModel('other')
  const lookup = () => defineQueryHandler(Lookup, { reads: [other], execute: () => 1 })

  test.each<[string, Definition[], string]>([
    [
      'one type for two events',
      [defineEvent('a.b', { class: Twice }), defineEvent('a.b')],
      'Event type "a.b" is declared twice, by Twice and a definition. Give one of them another type.',
    ],
    [
      'two types for one class',
      [defineEvent('a.b', { class: Twice }), defineEvent('a.c', { class: Twice })],
      'Event class Twice has two types, "a.b" and "a.c". Give each event a class of its own.',
    ],
    [
      'a category with a dash',
      [defineAggregate('a-b', empty)],
      'Aggregate: "a-b" cannot name a stream: a category ends at the first "-", so it has none.',
    ],
    [
      'two aggregates of one category',
      [defineAggregate('a', empty), defineAggregate('a', empty)],
      'Two aggregates have the category "a".',
    ],
    [
      'an event applied twice',
      [
        defineAggregate('a', {
          ...empty,
          evolve: [evolveWith(opened, () => 0), evolveWith(opened, () => 1)],
        }),
      ],
      'Aggregate "a" applies event "account.opened" twice.',
    ],
    [
      'a snapshot every half event',
      [defineAggregate('a', { ...empty, snapshot: { every: 0.5 } })],
      'Aggregate "a" takes a snapshot every 0.5 events: expected a whole number from 1.',
    ],
    [
      'two handlers of one command',
      [defineAccount(), transfers],
      'Command "account.open" has two handlers, in "account" and "transfer". Keep one.',
    ],
    [
      'a handler for an aggregate that is not listed',
      [
        defineCommandHandler(defineCommand('x', { aggregateId: () => '1' }), {
          aggregate: transfers,
          decide: (state) => ({ events: [], state }),
        }),
      ],
      'The handler of command "x" is for aggregate "transfer", which is not among the definitions.',
    ],
    [
      'a projection without handlers or read models',
      [defineProjection('nothing', { into: [], handlers: [] })],
      'Projection "nothing" has no read model: say into which.',
    ],
    [
      'a handler for a read model of another projection',
      [defineProjection('p', { into: balances, handlers: [on(deposited, other, () => null)] })],
      'Projection "p" handles "account.deposited" for read model "other", which it does not build.',
    ],
    [
      'a read model of two projections',
      [byAccount, defineProjection('second', { into: balances, handlers: byAccount.handlers })],
      'Read model "balances" is built by two projections, "by-account" and "second". Each has one.',
    ],
    [
      'two projections of one name',
      [
        byAccount,
        defineProjection('by-account', { into: other, handlers: [on(opened, other, () => null)] }),
      ],
      'Two projections are named "by-account".',
    ],
    [
      'a query that reads what nobody builds',
      [lookup()],
      'The handler of query Lookup reads "other", which no projection among the definitions builds.',
    ],
    ['two handlers of one query', [lookup(), lookup()], 'Query Lookup has two handlers. Keep one.'],
  ])('%s', (_name, definitions, mistake) => {
    expect(mistakesOf(...definitions)).toContain(mistake)
  })
})

test('a command handled outside of its aggregate is routed to it', () => {
  const close = defineCommand<{ id: string }>('account.close', { aggregateId: ({ id }) => id })
  const account = defineAccount()
  const handler = defineCommandHandler(close, {
    aggregate: account,
    decide: (state) => ({ events: [], state }),
  })
  const route = buildModel([account, handler]).commands.get('account.close')
  expect(route?.aggregate).toBe(account)
  expect(deposit.type).toBe('account.deposit')
})
