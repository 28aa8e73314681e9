import type { CommandContext, EventHandlerContext } from '@varve/core'
import { EventHandler, On } from '../../src/index.ts'
import { AccountBalance, AccountOpened, Deposit, MoneyDeposited } from '../bank.ts'

@EventHandler('mails', { delivery: 'at-least-once', startFrom: 'beginning', onReplay: true })
export class Mails {
  constructor(readonly service: Date) {}

  @On(MoneyDeposited)
  now(_event: MoneyDeposited) {}

  @On(MoneyDeposited)
  async later(event: MoneyDeposited, context: EventHandlerContext) {
    await context.execute(Deposit, { accountId: context.aggregateId, amount: event.amount })
  }

  @On(MoneyDeposited)
  @On(AccountOpened)
  returnsWhatIsAwaited(_event: object, { execute }: EventHandlerContext) {
    return execute(Deposit, { accountId: 'a1', amount: 1 })
  }

  // @ts-expect-error -- another event is given than the method takes
  @On(MoneyDeposited)
  async takesAnotherEvent(_event: AccountOpened) {}

  // @ts-expect-error -- a context of an event is given, and no document
  @On(MoneyDeposited)
  async takesADocument(_event: MoneyDeposited, _document: AccountBalance) {}

  // @ts-expect-error -- a context of an event is given, and none of a command
  @On(MoneyDeposited)
  async takesAnotherContext(_event: MoneyDeposited, _context: CommandContext) {}

  // @ts-expect-error -- what is returned would be lost
  @On(MoneyDeposited)
  returnsAValue(_event: MoneyDeposited) {
    return 7
  }

  // @ts-expect-error -- keys are for projections
  @On(MoneyDeposited, { key: () => 'a1' })
  async hasAKey(_event: MoneyDeposited) {}
}

// @ts-expect-error -- the delivery is stated
@EventHandler('unstated', {})
export class Unstated {}

// @ts-expect-error -- no handler promises that
@EventHandler('promising', { delivery: 'exactly-once' })
export class Promising {}
