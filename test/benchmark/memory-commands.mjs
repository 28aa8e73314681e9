// Commands on the in-memory store, against reading, folding and appending on the same store by hand.
import { randomUUID } from 'node:crypto'
import { streamName } from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import { account, Deposit } from './account.mjs'
import { compare, inTurn } from './measure.mjs'
import { wire } from './wiring.mjs'

const commands = 10_000
const accounts = 1_000

export async function measure() {
  const [framework, byHand] = await inTurn(5, [
    async () => {
      const bus = wire({ definitions: [account], eventStore: new InMemoryEventStore() }).commands
      for (let index = 0; index < commands; index += 1)
        await bus.execute(Deposit, { accountId: `a${index % accounts}`, amount: 1 })
      return commands
    },
    async () => {
      const store = new InMemoryEventStore()
      for (let index = 0; index < commands; index += 1)
        await depositByHand(store, `a${index % accounts}`)
      return commands
    },
  ])
  return [compare('commands on memory, one by one', 'commands/s', framework, byHand)]
}

async function depositByHand(store, id) {
  const stream = streamName('account', id)
  let balance = 0
  let revision
  for await (const events of store.readStream(stream))
    for (const event of events) {
      balance += event.data.amount
      revision = event.revision
    }
  const event = { id: randomUUID(), type: 'account.deposited', data: { amount: 1 }, metadata: {} }
  await store.append(stream, [event], { expected: revision ?? 'no-stream' })
  return balance
}
