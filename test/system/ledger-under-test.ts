import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generateLedger } from '../../examples/bank/src/ledger/generate-ledger.ts'
import type { LedgerRow } from '../../examples/bank/src/ledger/ledger-row.ts'
import { readLedgerFile } from '../../examples/bank/src/ledger/read-ledger-file.ts'

const real = fileURLToPath(new URL('../../../shared/data/bank-ledger.csv.gz', import.meta.url))

/**
 * The real ledger where it lies beside the checkout, a generated one elsewhere or with `VARVE_LEDGER=generated`; says
 * which.
 */
export async function ledgerUnderTest(): Promise<readonly LedgerRow[]> {
  if (existsSync(real) && process.env['VARVE_LEDGER'] !== 'generated') {
    console.log('ledger: the real one, 49,070 transactions')
    return readLedgerFile(real)
  }
  console.log('ledger: generated, as it was asked for or the real one is not beside this checkout')
  return generateLedger({ accounts: 200, transactions: 8_000, seed: 1 })
}
