import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface BankArguments {
  /** A ledger file, plain or gzipped; undefined: a generated one. */
  readonly ledger: string | undefined
  readonly accounts: number
  readonly transactions: number
  readonly seed: number
  /** Whether every row is compared with the past. */
  readonly verify: boolean
  readonly help: boolean
}

/** What `--help` prints. */
export const usage = `Usage: npm start -- [options]

  --ledger FILE       book this ledger, plain or .gz (default: a generated one)
  --accounts N        accounts of the generated ledger (default 100)
  --transactions N    transactions of the generated ledger (default 5000)
  --seed N            seed of the generated ledger (default 1)
  --verify            compare every row with the past: aggregate and read model
  --help              print this

Real servers: set VARVE_EVENTSTOREDB_URL and VARVE_MONGODB_URL.`

/** Reads the arguments; throws a TypeError that names what is wrong. */
export function parseArguments(argv: readonly string[]): BankArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ledger: { type: 'string' },
      accounts: { type: 'string', default: '100' },
      transactions: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      verify: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    ledger: values.ledger,
    accounts: positive('accounts', values.accounts),
    transactions: positive('transactions', values.transactions),
    seed: positive('seed', values.seed),
    verify: values.verify,
    help: values.help,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new TypeError(`--${name} is "${text}": expected a whole number from 1.`)
  return value
}
