import {
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineProjection,
  defineReadModel,
  evolveWith,
  on,
  type ReadModelDocument,
  upcast,
  write,
} from '../../src/index.ts'

/** As the oldest code declared it: a transfer within one account's stream, with its fee. */
export const oldBooked = defineEvent<{ sum: number; fee: number }>('booked')

/** What is left of it: three kinds of events, one of which was renamed since. */
export const booked = defineEvent('booked', {
  version: 2,
  upcast: [
    upcast.split<{ sum: number; fee: number }>(1, ['credited', 'charged'], ({ sum, fee }) => {
      if (Number.isNaN(sum)) throw new RangeError('no sum')
      if (sum < 0) throw new RangeError('a negative sum')
      if (sum === 0) return []
      return [
        { type: 'credited', version: 1, data: { cents: sum * 100 } },
        { type: 'charged', version: 1, data: { cents: fee * 100 } },
      ]
    }),
  ],
})
export const credited = defineEvent<{ readonly cents: number }>('credited')
export const charged = defineEvent<{ readonly cents: number }>('charged')
export const noted = defineEvent<{ readonly text: string }>('noted')

export const credit = defineCommand<{ id: string; cents: number }>('credit', {
  aggregateId: ({ id }) => id,
})
export const book = defineCommand<{ id: string; sum: number; fee: number }>('book', {
  aggregateId: ({ id }) => id,
})

/** The aggregate of the oldest code. */
export const oldAccount = defineAggregate<{ balance: number }>('account', {
  initial: () => ({ balance: 0 }),
  decide: [decideOn(book, (_state, { sum, fee }) => oldBooked.create({ sum, fee }))],
  evolve: [
    evolveWith(oldBooked, ({ balance }, { sum, fee }) => ({ balance: balance + sum - fee })),
  ],
})

/** The aggregate of today's code. */
export const account = defineAggregate<{ cents: number }>('account', {
  initial: () => ({ cents: 0 }),
  decide: [
    decideOn(credit, (_state, { cents }) => credited.create({ cents })),
    decideOn(book, (_state, { sum }) => credited.create({ cents: sum })),
  ],
  evolve: [
    evolveWith(credited, ({ cents }, event) => ({ cents: cents + event.cents })),
    evolveWith(charged, ({ cents }, event) => ({ cents: cents - event.cents })),
  ],
})

export interface Statement extends ReadModelDocument {
  cents: number
  charges: number
  lines: string[]
}

export const statements = defineReadModel<Statement>('statements')
export const totals = defineReadModel('totals')
export const history = defineReadModel<Statement>('past_statements', { history: true })

const empty = (_id: string): Statement => ({ _id, cents: 0, charges: 0, lines: [] })

function fold(model: typeof statements, name: string) {
  return defineProjection(name, {
    into: model,
    handlers: [
      on(credited, model, ({ cents }, found, { aggregateId, type }) => {
        const statement = found ?? empty(aggregateId)
        const lines = [...statement.lines, `${type} ${cents}`]
        return { ...statement, cents: statement.cents + cents, lines }
      }),
      on(charged, model, ({ cents }, found, { aggregateId, type }) => {
        if (cents === 1300) throw new RangeError('unlucky')
        const statement = found ?? empty(aggregateId)
        const lines = [...statement.lines, `${type} ${cents}`]
        const charges = statement.charges + 1
        return { ...statement, cents: statement.cents - cents, charges, lines }
      }),
    ],
  })
}

export const byAccount = fold(statements, 'statements')
export const overTime = fold(history, 'past-statements')

/** Written by update operators: both parts of one booking update one document. */
export const summed = defineProjection('totals', {
  into: totals,
  handlers: [
    write(credited, totals, ({ cents }) => ({ $inc: { cents, bookings: 1 } }), {
      key: () => 'all',
    }),
    write(charged, totals, ({ cents }) => ({ $inc: { cents: -cents, charges: 1 } }), {
      key: () => 'all',
    }),
  ],
})
