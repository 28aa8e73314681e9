// Act as its documentation has it: a state with schemas, patches and actions, on the bundled in-memory store and cache.
import './act-environment.mjs'
import { act, InMemoryCache, InMemoryStore, state } from '@rotorsoft/act'
import { z } from 'zod'

const booking = z.object({
  amountCents: z.number(),
  balanceCents: z.number(),
  bookedOn: z.string(),
})
const amount = z.object({ amountCents: z.number().int().positive(), on: z.string() })

const Account = state({
  Account: z.object({
    isOpen: z.boolean(),
    overdraftLimitCents: z.number(),
    balanceCents: z.number(),
  }),
})
  .init(() => ({ isOpen: false, overdraftLimitCents: 0, balanceCents: 0 }))
  .emits({
    AccountOpened: z.object({
      owner: z.string(),
      overdraftLimitCents: z.number(),
      openedOn: z.string(),
    }),
    MoneyDeposited: booking,
    MoneyWithdrawn: booking,
  })
  .patch({
    AccountOpened: ({ data }) => ({ isOpen: true, overdraftLimitCents: data.overdraftLimitCents }),
    MoneyDeposited: ({ data }) => ({ balanceCents: data.balanceCents }),
    MoneyWithdrawn: ({ data }) => ({ balanceCents: data.balanceCents }),
  })
  .on({
    open: z.object({ owner: z.string(), overdraftLimitCents: z.number().min(0), on: z.string() }),
  })
  .given([{ description: 'opened before', valid: ({ isOpen }) => !isOpen }])
  .emit(({ owner, overdraftLimitCents, on }) => [
    'AccountOpened',
    { owner, overdraftLimitCents, openedOn: on },
  ])
  .on({ deposit: amount })
  .given([{ description: 'not open', valid: ({ isOpen }) => isOpen }])
  .emit(({ amountCents, on }, { state: account }) => [
    'MoneyDeposited',
    { amountCents, balanceCents: account.balanceCents + amountCents, bookedOn: on },
  ])
  .on({ withdrawal: amount })
  .given([{ description: 'not open', valid: ({ isOpen }) => isOpen }])
  .emit(({ amountCents, on }, { state: account }) => {
    const balanceCents = account.balanceCents - amountCents
    if (balanceCents < -account.overdraftLimitCents) throw new Error('overdrawn')
    return ['MoneyWithdrawn', { amountCents, balanceCents, bookedOn: on }]
  })
  .build()

const actor = { id: '1', name: 'benchmark' }

export function open() {
  const store = new InMemoryStore()
  const cache = new InMemoryCache()
  const app = act().withState(Account).build({ scoped: { store, cache } })
  return {
    execute: ({ kind, accountId, ...payload }) =>
      app.do(kind, { stream: accountId, actor }, payload),
    load: async (id) => {
      // Its cache keeps the state; this measures reading the events.
      await cache.clear()
      const { state: account, event } = await app.load(Account, id)
      return { events: event.version + 1, balanceCents: account.balanceCents }
    },
    close: async () => {
      await store.dispose()
    },
  }
}
