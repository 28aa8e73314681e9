// Varve twice. `open`: plain definitions on core and memory, which is what the other libraries have. `openApplication`: the
// documented way, an application with decorated classes whose commands class-validator checks.
import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  evolveWith,
  silentLogger,
} from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import { createApplication } from 'varve'
import { Account } from '../../../examples/bank/dist/account/account.js'
import * as commands from '../../../examples/bank/dist/account/commands.js'
import { wire } from '../wiring.mjs'

const opened = defineEvent('account.opened')
const deposited = defineEvent('account.deposited')
const withdrawn = defineEvent('account.withdrawn')
const aggregateId = ({ accountId }) => accountId
const command = {
  open: defineCommand('account.open', { aggregateId }),
  deposit: defineCommand('account.deposit', { aggregateId }),
  withdrawal: defineCommand('account.withdraw', { aggregateId }),
}

const account = defineAggregate('account', {
  initial: () => ({ isOpen: false, overdraftLimitCents: 0, balanceCents: 0 }),
  decide: [
    decideOn(command.open, ({ isOpen }, { owner, overdraftLimitCents, on }) => {
      if (isOpen) throw new Error('opened before')
      return opened.create({ owner, overdraftLimitCents, openedOn: on })
    }),
    decideOn(command.deposit, ({ isOpen, balanceCents: before }, { amountCents, on }) => {
      if (!isOpen) throw new Error('not open')
      const balanceCents = before + amountCents
      return deposited.create({ amountCents, balanceCents, bookedOn: on })
    }),
    decideOn(
      command.withdrawal,
      ({ isOpen, balanceCents: before, overdraftLimitCents }, { amountCents, on }) => {
        if (!isOpen) throw new Error('not open')
        const balanceCents = before - amountCents
        if (balanceCents < -overdraftLimitCents) throw new Error('overdrawn')
        return withdrawn.create({ amountCents, balanceCents, bookedOn: on })
      },
    ),
  ],
  evolve: [
    evolveWith(opened, (state, { overdraftLimitCents }) => ({
      ...state,
      isOpen: true,
      overdraftLimitCents,
    })),
    evolveWith(deposited, (state, { balanceCents }) => ({ ...state, balanceCents })),
    evolveWith(withdrawn, (state, { balanceCents }) => ({ ...state, balanceCents })),
  ],
})

export function open() {
  const eventStore = new InMemoryEventStore()
  const bus = wire({ definitions: [account], eventStore }).commands
  return {
    execute: ({ kind, ...payload }) => bus.execute(command[kind], payload),
    load: async (id) => {
      const { state, revision } = await bus.repositoryOf('account').load(id)
      return { events: Number(revision) + 1, balanceCents: state.balanceCents }
    },
    close: async () => {
      await bus.drain()
      await eventStore.close()
    },
  }
}

const classOf = {
  open: commands.OpenAccount,
  deposit: commands.Deposit,
  withdrawal: commands.Withdraw,
}

export async function openApplication() {
  const eventStore = new InMemoryEventStore()
  const app = await createApplication({
    definitions: [Account],
    eventStore: { eventStore },
    readModels: 'memory:',
    logger: silentLogger,
    // As in production.
    checkEvents: false,
  })
  return {
    execute: ({ kind, ...payload }) => app.execute(classOf[kind], payload),
    load: async (id) => {
      const { balanceCents } = await app.load(Account, id)
      return { events: undefined, balanceCents }
    },
    close: () => app.close(),
  }
}
