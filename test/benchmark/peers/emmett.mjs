// Emmett as its documentation has it: evolve, initialState and a CommandHandler over the in-memory event store.
import { CommandHandler, getInMemoryEventStore } from '@event-driven-io/emmett'

const initialState = () => ({ status: 'new' })

const evolve = (state, { type, data }) => {
  switch (type) {
    case 'AccountOpened':
      return { status: 'open', overdraftLimitCents: data.overdraftLimitCents, balanceCents: 0 }
    case 'MoneyDeposited':
    case 'MoneyWithdrawn':
      return { ...state, balanceCents: data.balanceCents }
    default:
      return state
  }
}

const handle = CommandHandler({ evolve, initialState, mapToStreamId: (id) => `account-${id}` })

const decide = {
  open: ({ owner, overdraftLimitCents, on }, { status }) => {
    if (status !== 'new') throw new Error('opened before')
    return { type: 'AccountOpened', data: { owner, overdraftLimitCents, openedOn: on } }
  },
  deposit: ({ amountCents, on }, { status, balanceCents: before }) => {
    if (status !== 'open') throw new Error('not open')
    const balanceCents = before + amountCents
    return { type: 'MoneyDeposited', data: { amountCents, balanceCents, bookedOn: on } }
  },
  withdrawal: ({ amountCents, on }, { status, balanceCents: before, overdraftLimitCents }) => {
    if (status !== 'open') throw new Error('not open')
    const balanceCents = before - amountCents
    if (balanceCents < -overdraftLimitCents) throw new Error('overdrawn')
    return { type: 'MoneyWithdrawn', data: { amountCents, balanceCents, bookedOn: on } }
  },
}

export function open() {
  const store = getInMemoryEventStore()
  return {
    execute: (command) =>
      handle(store, command.accountId, (state) => decide[command.kind](command, state)),
    load: async (id) => {
      const { state, currentStreamVersion } = await store.aggregateStream(`account-${id}`, {
        evolve,
        initialState,
      })
      return { events: Number(currentStreamVersion), balanceCents: state.balanceCents }
    },
    close: async () => undefined,
  }
}
