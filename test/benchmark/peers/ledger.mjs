// The commands of a ledger: an account is opened before its first booking, with the overdraft its bookings need.
import { generateLedger } from '../../../examples/bank/dist/ledger/generate-ledger.js'
import { readLedgerFile } from '../../../examples/bank/dist/ledger/read-ledger-file.js'

export async function commandsOf({ file, accounts, transactions }) {
  const rows = file
    ? await readLedgerFile(file)
    : generateLedger({ accounts, transactions, seed: 1 })
  const limits = new Map()
  for (const { accountId, balanceAfterCents } of rows)
    limits.set(accountId, Math.max(limits.get(accountId) ?? 0, -balanceAfterCents))
  const commands = []
  const balances = new Map()
  for (const { accountId, kind, amountCents, balanceAfterCents, date: on } of rows) {
    if (!balances.has(accountId))
      commands.push({
        kind: 'open',
        accountId,
        owner: `Owner of ${accountId}`,
        overdraftLimitCents: limits.get(accountId),
        on,
      })
    commands.push({ kind, accountId, amountCents, on })
    balances.set(accountId, balanceAfterCents)
  }
  return { commands, balances }
}

/** What a ledger comes to after its first commands. */
export function balancesAfter(commands) {
  const balances = new Map()
  for (const { kind, accountId, amountCents } of commands) {
    const before = balances.get(accountId) ?? 0
    if (kind === 'open') balances.set(accountId, 0)
    else balances.set(accountId, kind === 'deposit' ? before + amountCents : before - amountCents)
  }
  return balances
}
