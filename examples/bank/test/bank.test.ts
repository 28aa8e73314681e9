import { readFileSync } from 'node:fs'
import { createApplication, silentLogger } from 'varve'
import { describe, expect, it } from 'vitest'
import { Account } from '../src/account/account.ts'
import { CloseAccount, Deposit, OpenAccount, Withdraw } from '../src/account/commands.ts'
import { bank } from '../src/bank.ts'
import { type Booking, checkBooks, checkPast } from '../src/ledger/check-books.ts'
import { generateLedger } from '../src/ledger/generate-ledger.ts'
import { importLedger } from '../src/ledger/import-ledger.ts'
import { parseLedger } from '../src/ledger/parse-ledger.ts'
import { waitForProjections } from '../src/ledger/wait-for-projections.ts'
import { GetBalance, ListBalances } from '../src/queries/balances.ts'
import { ListStatements } from '../src/queries/statements.ts'
import { GetTotals } from '../src/queries/totals.ts'

const open = () =>
  createApplication({
    definitions: bank,
    eventStore: 'memory:',
    readModels: 'memory:',
    logger: silentLogger,
  })

const small = parseLedger(readFileSync(new URL('../ledger/small.csv', import.meta.url), 'utf8'))

describe('the bank', () => {
  it('books a ledger so that balances, statements, totals and every past agree with it', async () => {
    await using app = await open()
    const bookings: Booking[] = []
    await importLedger(app, small, { onBooked: (row, result) => bookings.push({ row, result }) })
    await waitForProjections(app, bookings)
    expect(await checkBooks(app, small)).toEqual([])
    for (const booking of bookings) expect(await checkPast(app, booking)).toEqual([])
  })

  it('books a ledger twice as once', async () => {
    await using app = await open()
    const rows = generateLedger({ accounts: 5, transactions: 200, seed: 3 })
    await importLedger(app, rows)
    const bookings: Booking[] = []
    await importLedger(app, rows, { onBooked: (row, result) => bookings.push({ row, result }) })
    expect(bookings.every(({ result }) => result.isRepeated)).toBe(true)
    await waitForProjections(app, bookings)
    expect(await checkBooks(app, rows)).toEqual([])
  })

  it('gives the same documents after a rebuild', async () => {
    await using app = await open()
    const bookings: Booking[] = []
    await importLedger(app, small, { onBooked: (row, result) => bookings.push({ row, result }) })
    await waitForProjections(app, bookings)
    const everything = async () => [
      await app.query(new ListBalances()),
      await app.query(new ListStatements()),
      await app.query(new GetTotals()),
    ]
    const before = await everything()
    for (const { name } of app.projections.status()) await app.projections.rebuild(name)
    expect(await everything()).toEqual(before)
  })

  it('filters and orders balances', async () => {
    await using app = await open()
    const bookings: Booking[] = []
    await importLedger(app, small, { onBooked: (row, result) => bookings.push({ row, result }) })
    await waitForProjections(app, bookings)
    const rich = await app.query(
      new ListBalances({ atLeastCents: 10_000, orderBy: 'richest first' }),
    )
    expect(rich.map(({ _id }) => _id)).toEqual(['ada', 'bert'])
    expect(await app.query(new ListBalances({ belowCents: 1 }))).toMatchObject([{ _id: 'carla' }])
  })
})

describe('an account', () => {
  const on = '1993-01-01'
  const opening = { accountId: 'a', owner: 'Ada', overdraftLimitCents: 500, on }

  it('reads its own write', async () => {
    await using app = await open()
    await app.execute(OpenAccount, opening)
    const done = await app.execute(Deposit, { accountId: 'a', amountCents: 100, on })
    expect(await app.query(new GetBalance('a'), { after: done })).toMatchObject({
      balanceCents: 100,
    })
  })

  it('refuses a withdrawal below its overdraft limit and names the limit', async () => {
    await using app = await open()
    await app.execute(OpenAccount, opening)
    await expect(app.execute(Withdraw, { accountId: 'a', amountCents: 501, on })).rejects.toThrow(
      'below the overdraft limit of 500',
    )
    expect((await app.load(Account, 'a')).balanceCents).toBe(0)
  })

  it('is closed only when it is empty, and takes nothing after that', async () => {
    await using app = await open()
    await app.execute(OpenAccount, opening)
    await app.execute(Deposit, { accountId: 'a', amountCents: 100, on })
    await expect(app.execute(CloseAccount, { accountId: 'a', on })).rejects.toThrow(
      '100 cents, not 0',
    )
    await app.execute(Withdraw, { accountId: 'a', amountCents: 100, on })
    const done = await app.execute(CloseAccount, { accountId: 'a', on })
    await expect(app.execute(Deposit, { accountId: 'a', amountCents: 1, on })).rejects.toThrow(
      'it is closed',
    )
    expect(await app.query(new GetTotals(), { after: done })).toMatchObject({
      accounts: 1,
      openAccounts: 0,
    })
  })

  it('names every rule an invalid command breaks', async () => {
    await using app = await open()
    const invalid = { accountId: '', amountCents: -1.5, on: 'someday', bonus: true }
    await expect(app.execute(Deposit, invalid)).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      violations: expect.arrayContaining([
        expect.objectContaining({ path: 'accountId' }),
        expect.objectContaining({ path: 'amountCents', rule: 'isInt' }),
        expect.objectContaining({ path: 'amountCents', rule: 'isPositive' }),
        expect.objectContaining({ path: 'on' }),
        expect.objectContaining({ path: 'bonus' }),
      ]),
    })
  })
})
