// Counts the events of each account: what shows whether each was applied exactly once.
import { defineEvent, defineProjection, defineReadModel, on } from 'varve'
import { MoneyDeposited, MoneyWithdrawn } from '../../../examples/bank/dist/account/events.js'

export const tallies = defineReadModel('tallies')

const count = (_event, tally, { aggregateId, revision }) => ({
  _id: aggregateId,
  count: (tally?.count ?? 0) + 1,
  revisions: [...(tally?.revisions ?? []), Number(revision)].slice(-5),
})

export const tally = defineProjection('tally', {
  into: tallies,
  handlers: [
    on(defineEvent('account.deposited', { class: MoneyDeposited }), tallies, count),
    on(defineEvent('account.withdrawn', { class: MoneyWithdrawn }), tallies, count),
  ],
})
