import type { Application } from 'varve'
import { Account, Deposit, Withdraw } from './account.ts'
import { GetBalance } from './balances.ts'

/** Deposits and withdraws, then looks at the account now, in the past, and after a rebuild. */
export async function tour(
  app: Application,
  print: (line: string) => void = console.log,
): Promise<void> {
  // #region tour
  const deposit = await app.execute(Deposit, { accountId: 'ada', amount: 100 })
  const withdrawal = await app.execute(Withdraw, { accountId: 'ada', amount: 30 })

  // Read your own write: the query waits until the read model has the withdrawal.
  const now = await app.query(new GetBalance('ada'), { after: withdrawal })
  print(`Balance now: ${now?.amount}`)

  // The same query on the read model as it was right after the deposit.
  const before = await app.query(new GetBalance('ada'), { asOf: deposit })
  print(`Balance before the withdrawal: ${before?.amount}`)

  // The aggregate itself, right after its first event.
  const first = await app.load(Account, 'ada', { at: { revision: 0n } })
  print(`Balance after the first event: ${first.balance}`)

  // Replay all events into a new copy of the read model, then switch readers to it.
  const { events } = await app.projections.rebuild('balances')
  const rebuilt = await app.query(new GetBalance('ada'))
  print(`Balance after a rebuild from ${events} events: ${rebuilt?.amount}`)
  // #endregion tour
}
