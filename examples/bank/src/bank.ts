import { Account } from './account/account.ts'
import { GetBalanceHandler, ListBalancesHandler } from './queries/balances.ts'
import { ListStatementsHandler } from './queries/statements.ts'
import { GetTotalsHandler } from './queries/totals.ts'
import { AccountBalances } from './read-models/account-balances.ts'
import { BankTotalsProjection } from './read-models/bank-totals.ts'
import { MonthlyStatements } from './read-models/monthly-statements.ts'

/** Everything the bank is made of. */
export const bank = [
  Account,
  AccountBalances,
  MonthlyStatements,
  BankTotalsProjection,
  GetBalanceHandler,
  ListBalancesHandler,
  ListStatementsHandler,
  GetTotalsHandler,
]

/** Names of the bank's projections. */
export const projections = ['account-balances', 'monthly-statements', 'bank-totals'] as const
