import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  evolveWith,
  upcast,
} from '@varve/core'
import { it } from 'vitest'
import { specifyAggregate } from '../../src/index.ts'

const opened = defineEvent<{ owner: string }>('account.opened', {
  version: 2,
  upcast: [upcast.from<{ name: string }>(1, ({ name }) => ({ owner: name }))],
})
const open = defineCommand<{ id: string; owner: string }>('account.open', {
  aggregateId: ({ id }) => id,
})
const account = defineAggregate('account', {
  initial: () => ({}),
  decide: [decideOn(open, (_state, { owner }) => opened.create({ owner }))],
  evolve: [evolveWith(opened, (state) => state)],
})

it('an event with upcasters is expected in its current version', async () => {
  await specifyAggregate(account)
    .given()
    .when(open, { id: 'a', owner: 'Ada' })
    .then(opened.create({ owner: 'Ada' }))
})
