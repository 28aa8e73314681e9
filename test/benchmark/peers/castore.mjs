// Castore as its documentation has it: event types, a reducer, commands that get the aggregate and push the next version.
import { Command, EventStore, EventType, tuple } from '@castore/core'
import { InMemoryEventStorageAdapter } from '@castore/event-storage-adapter-in-memory'

const opened = new EventType({ type: 'ACCOUNT_OPENED' })
const deposited = new EventType({ type: 'MONEY_DEPOSITED' })
const withdrawn = new EventType({ type: 'MONEY_WITHDRAWN' })

const reducer = (account, { type, aggregateId, version, payload }) => {
  switch (type) {
    case 'ACCOUNT_OPENED':
      return {
        aggregateId,
        version,
        overdraftLimitCents: payload.overdraftLimitCents,
        balanceCents: 0,
      }
    case 'MONEY_DEPOSITED':
    case 'MONEY_WITHDRAWN':
      return { ...account, version, balanceCents: payload.balanceCents }
  }
}

export function open() {
  const accounts = new EventStore({
    eventStoreId: 'ACCOUNTS',
    eventTypes: [opened, deposited, withdrawn],
    reducer,
    eventStorageAdapter: new InMemoryEventStorageAdapter(),
  })
  const commandOf = (commandId, decide) =>
    new Command({
      commandId,
      requiredEventStores: tuple(accounts),
      handler: async (command, [store]) => {
        const { aggregate } = await store.getAggregate(command.accountId)
        const { type, payload } = decide(command, aggregate)
        const version = (aggregate?.version ?? 0) + 1
        await store.pushEvent(
          { aggregateId: command.accountId, version, type, payload },
          { prevAggregate: aggregate },
        )
      },
    })
  const commands = {
    open: commandOf('OPEN_ACCOUNT', ({ owner, overdraftLimitCents, on }, account) => {
      if (account) throw new Error('opened before')
      return { type: 'ACCOUNT_OPENED', payload: { owner, overdraftLimitCents, openedOn: on } }
    }),
    deposit: commandOf('DEPOSIT', ({ amountCents, on }, account) => {
      if (!account) throw new Error('not open')
      const balanceCents = account.balanceCents + amountCents
      return { type: 'MONEY_DEPOSITED', payload: { amountCents, balanceCents, bookedOn: on } }
    }),
    withdrawal: commandOf('WITHDRAW', ({ amountCents, on }, account) => {
      if (!account) throw new Error('not open')
      const balanceCents = account.balanceCents - amountCents
      if (balanceCents < -account.overdraftLimitCents) throw new Error('overdrawn')
      return { type: 'MONEY_WITHDRAWN', payload: { amountCents, balanceCents, bookedOn: on } }
    }),
  }
  return {
    execute: (command) => commands[command.kind].handler(command, [accounts]),
    load: async (id) => {
      const { aggregate } = await accounts.getAggregate(id)
      return { events: aggregate.version, balanceCents: aggregate.balanceCents }
    },
    close: async () => undefined,
  }
}
