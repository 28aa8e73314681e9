import { ledgerColumns, type LedgerRow } from './ledger-row.ts'

/** A line of a ledger does not say what it must. Nothing of the file was imported. */
export class LedgerError extends Error {
  constructor(
    readonly line: number,
    found: string,
    expected: string,
  ) {
    super(`Line ${line} of the ledger: found ${JSON.stringify(found)}, expected ${expected}.`)
  }
  override get name(): string {
    return 'LedgerError'
  }
}

/**
 * Reads a ledger, comma-separated, with a header line.
 *
 * @throws {LedgerError} A line does not parse; it names the line, counted from 1.
 */
export function parseLedger(text: string): readonly LedgerRow[] {
  const lines = text.split(/\r?\n/)
  if (lines[0] !== ledgerColumns)
    throw new LedgerError(1, lines[0] ?? '', `the header ${ledgerColumns}`)
  const rows: LedgerRow[] = []
  for (const [index, line] of lines.entries())
    if (index > 0 && line !== '') rows.push(parseRow(line, index + 1))
  return rows
}

function parseRow(line: string, number: number): LedgerRow {
  const fields = line.split(',')
  if (fields.length !== 6) throw new LedgerError(number, line, '6 fields')
  const [transactionId, accountId, date, kind, amount, balance] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (transactionId === '') throw new LedgerError(number, line, 'a transaction_id')
  if (accountId === '') throw new LedgerError(number, line, 'an account_id')
  if (!isDay(date)) throw new LedgerError(number, date, 'a date as YYYY-MM-DD')
  if (kind !== 'deposit' && kind !== 'withdrawal')
    throw new LedgerError(number, kind, 'deposit or withdrawal')
  const amountCents = wholeCents(amount, number)
  if (amountCents <= 0) throw new LedgerError(number, amount, 'a positive amount')
  const balanceAfterCents = wholeCents(balance, number)
  return { transactionId, accountId, date, kind, amountCents, balanceAfterCents }
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text.length === 10
}

function wholeCents(text: string, line: number): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new LedgerError(line, text, 'whole cents')
  return value
}
