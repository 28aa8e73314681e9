// #region decider
import { decideOn, defineAggregate, defineCommand, defineEvent, evolveWith } from '@varve/core'

const deposited = defineEvent<{ amount: number }>('account.deposited')
const withdrawn = defineEvent<{ amount: number }>('account.withdrawn')

interface Booking {
  readonly accountId: string
  readonly amount: number
}
const aggregateId = ({ accountId }: Booking) => accountId
export const deposit = defineCommand<Booking>('account.deposit', { aggregateId })
export const withdraw = defineCommand<Booking>('account.withdraw', { aggregateId })

interface Account {
  readonly balance: number
}
export const account = defineAggregate<Account>('account', {
  initial: () => ({ balance: 0 }),
  decide: [
    decideOn(deposit, (_: Account, { amount }) => deposited.create({ amount })),
    decideOn(withdraw, ({ balance }: Account, { amount }) =>
      amount <= balance ? withdrawn.create({ amount }) : undefined,
    ),
  ],
  evolve: [
    evolveWith(deposited, ({ balance }: Account, { amount }) => ({ balance: balance + amount })),
    evolveWith(withdrawn, ({ balance }: Account, { amount }) => ({ balance: balance - amount })),
  ],
})
// #endregion decider

// #region bus
import {
  buildModel,
  CommandBus,
  createSingletonResolver,
  JsonEventCodec,
  randomIds,
  silentLogger,
  systemClock,
  uncheckedMessages,
} from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'

const model = buildModel([account])
export const commands = new CommandBus({
  model,
  eventStore: new InMemoryEventStore(),
  codec: new JsonEventCodec(model.events),
  validator: uncheckedMessages,
  resolver: createSingletonResolver(),
  clock: systemClock,
  ids: randomIds,
  logger: silentLogger,
})
const { revision } = await commands.execute(deposit, { accountId: 'a1', amount: 100 }) // 0n
// #endregion bus

export const firstRevision = revision
