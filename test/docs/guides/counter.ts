// #region functions
import { defineAggregate, defineCommand, defineEvent } from 'varve'

const counted = defineEvent<{ by: number }>('counter.counted')
export const count = defineCommand<{ id: string; by: number }>('counter.count', {
  aggregateId: ({ id }) => id,
})

export const counter = defineAggregate('counter', {
  initial: () => ({ total: 0 }),
  decide: (decideOn) => [
    decideOn(
      count,
      (state, { by }) => (state.total + by > 10 ? undefined : counted.create({ by })),
      { onConflict: 'fail' },
    ),
  ],
  evolve: (evolveWith) => [evolveWith(counted, (state, { by }) => ({ total: state.total + by }))],
  cache: false,
  snapshot: { when: (state, { eventsSince }) => state.total > 5 && eventsSince >= 3 },
})
// #endregion functions
