import { type EventContext, On, Projection, ReadModel } from 'varve'
import { type Day, MoneyDeposited, MoneyWithdrawn } from '../account/events.ts'

/** One booking on a statement; withdrawals are negative. */
export interface StatementLine {
  readonly bookedOn: Day
  readonly amountCents: number
  readonly balanceCents: number
}

@ReadModel('monthly_statements', { indexes: [{ keys: { accountId: 1, month: 1 } }] })
export class MonthlyStatement {
  readonly _id!: string
  readonly accountId!: string
  /** `YYYY-MM`. */
  readonly month!: string
  readonly openingCents!: number
  depositedCents!: number
  withdrawnCents!: number
  closingCents!: number
  readonly lines!: StatementLine[]
}

const key = (event: { bookedOn: Day }, context: EventContext) =>
  `${context.aggregateId}:${monthOf(event.bookedOn)}`

@Projection('monthly-statements', { into: MonthlyStatement, version: 1 })
export class MonthlyStatements {
  @On(MoneyDeposited, { key })
  deposited(event: MoneyDeposited, statement: MonthlyStatement | undefined, context: EventContext) {
    return book(statement, event, event.amountCents, context)
  }

  @On(MoneyWithdrawn, { key })
  withdrawn(event: MoneyWithdrawn, statement: MonthlyStatement | undefined, context: EventContext) {
    return book(statement, event, -event.amountCents, context)
  }
}

function book(
  statement: MonthlyStatement | undefined,
  { bookedOn, balanceCents }: MoneyDeposited | MoneyWithdrawn,
  amountCents: number,
  context: EventContext,
): MonthlyStatement {
  const booked = statement ?? empty(context.aggregateId, bookedOn, balanceCents - amountCents)
  if (amountCents > 0) booked.depositedCents += amountCents
  else booked.withdrawnCents -= amountCents
  booked.closingCents = balanceCents
  booked.lines.push({ bookedOn, amountCents, balanceCents })
  return booked
}

function empty(accountId: string, bookedOn: Day, openingCents: number): MonthlyStatement {
  const month = monthOf(bookedOn)
  return {
    _id: `${accountId}:${month}`,
    accountId,
    month,
    openingCents,
    depositedCents: 0,
    withdrawnCents: 0,
    closingCents: openingCents,
    lines: [],
  }
}

function monthOf(day: Day): string {
  return day.slice(0, 7)
}
