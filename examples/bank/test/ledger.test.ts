import { describe, expect, it } from 'vitest'
import { answersOf } from '../src/ledger/ledger-answers.ts'
import { generateLedger } from '../src/ledger/generate-ledger.ts'
import { ledgerColumns } from '../src/ledger/ledger-row.ts'
import { parseLedger } from '../src/ledger/parse-ledger.ts'

describe('a ledger file', () => {
  const parse = (...lines: string[]) => parseLedger([ledgerColumns, ...lines].join('\n'))

  it('is read row by row', () => {
    expect(parse('7,a,1993-01-01,withdrawal,100,-100')).toEqual([
      {
        transactionId: '7',
        accountId: 'a',
        date: '1993-01-01',
        kind: 'withdrawal',
        amountCents: 100,
        balanceAfterCents: -100,
      },
    ])
  })

  it.each([
    ['a wrong header', () => parseLedger('a,b'), 'Line 1 of the ledger: found "a,b"'],
    ['a missing field', () => parse('1,a,1993-01-01,deposit,1'), 'Line 2 of the ledger'],
    [
      'a date that is none',
      () => parse('1,a,1993-02-30,deposit,1,1'),
      'found "1993-02-30", expected a date',
    ],
    [
      'an unknown kind',
      () => parse('1,a,1993-02-01,gift,1,1'),
      'found "gift", expected deposit or withdrawal',
    ],
    [
      'an amount that is no whole number',
      () => parse('1,a,1993-02-01,deposit,1.5,1'),
      'found "1.5", expected whole cents',
    ],
    [
      'an amount of nothing',
      () => parse('1,a,1993-02-01,deposit,0,1'),
      'expected a positive amount',
    ],
    [
      'an error behind good lines',
      () => parse('1,a,1993-02-01,deposit,1,1', '', 'x'),
      'Line 4 of the ledger',
    ],
  ])('is refused for %s, with the line', (_, read, message) => {
    expect(read).toThrow(message)
  })
})

describe('the ledger generator', () => {
  it('gives the same ledger for the same seed and another for another', () => {
    const options = { accounts: 10, transactions: 500, seed: 4 }
    expect(generateLedger(options)).toEqual(generateLedger(options))
    expect(generateLedger(options)).not.toEqual(generateLedger({ ...options, seed: 5 }))
  })

  it('keeps dates in order and balances in step with the amounts', () => {
    const rows = generateLedger({ accounts: 10, transactions: 2_000, seed: 1 })
    expect(rows.map(({ date }) => date)).toEqual(rows.map(({ date }) => date).toSorted())
    const { depositedCents, withdrawnCents, balances } = answersOf(rows)
    const sum = [...balances.values()].reduce((total, balance) => total + balance, 0)
    expect(sum).toBe(depositedCents - withdrawnCents)
    expect(rows.some(({ balanceAfterCents }) => balanceAfterCents < 0)).toBe(true)
  })
})
