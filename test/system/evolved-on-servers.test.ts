import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApplication, type CommandResult } from 'varve'
import { afterAll, expect, it } from 'vitest'
import { generateLedger } from '../../examples/bank/src/ledger/generate-ledger.ts'
import { Account, definitions, GetBalance } from './evolved-ledger/newest.ts'
import { AccountCreated, Book, OldAccount } from './evolved-ledger/oldest.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-evolved-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('old events come through real clients to aggregates and projections that know only new ones', async () => {
  const rows = generateLedger({ accounts: 5, transactions: 60, seed: 1 })
  const balances = new Map<string, number>()
  let after: CommandResult | undefined
  {
    await using old = await createApplication({
      definitions: [OldAccount, AccountCreated],
      data: folder,
    })
    for (const { accountId, kind, amountCents: cents, date: day, balanceAfterCents } of rows) {
      after = await old.execute(Book, { accountId, kind, cents, day })
      balances.set(accountId, balanceAfterCents)
    }
  }
  await using app = await createApplication({ definitions, data: folder })
  for (const [accountId, cents] of balances) {
    expect(await app.load(Account, accountId)).toMatchObject({ cents, statedCents: cents })
    const balance = await app.query(new GetBalance(accountId), { after: after!, timeoutMs: 30_000 })
    expect(balance).toMatchObject({ owner: `Owner of ${accountId}`, cents, statedCents: cents })
  }
}, 60_000)
