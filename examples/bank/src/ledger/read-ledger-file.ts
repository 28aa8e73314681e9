import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { LedgerRow } from './ledger-row.ts'
import { parseLedger } from './parse-ledger.ts'

/**
 * Reads a ledger file, plain or gzipped.
 *
 * @throws {LedgerError} A line does not parse.
 */
export async function readLedgerFile(path: string): Promise<readonly LedgerRow[]> {
  const bytes = await readFile(path)
  return parseLedger((isGzip(bytes) ? gunzipSync(bytes) : bytes).toString('utf8'))
}

/** Tells by the first two bytes, whatever the file is called. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
