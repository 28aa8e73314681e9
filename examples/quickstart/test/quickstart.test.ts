import { createApplication } from 'varve'
import { describe, expect, it } from 'vitest'
import { Account, Deposit, NotEnoughMoney, Withdraw } from '../src/account.ts'
import { Balances, GetBalance, GetBalanceHandler } from '../src/balances.ts'
import { tour } from '../src/tour.ts'

const open = () =>
  createApplication({
    definitions: [Account, Balances, GetBalanceHandler],
    eventStore: 'memory:',
    readModels: 'memory:',
  })

describe('the quickstart', () => {
  it('shows the account now, in the past and after a rebuild', async () => {
    await using app = await open()
    const lines: string[] = []
    await tour(app, (line) => lines.push(line))
    expect(lines).toEqual([
      'Balance now: 70',
      'Balance before the withdrawal: 100',
      'Balance after the first event: 100',
      'Balance after a rebuild from 2 events: 70',
    ])
  })

  it('goes on where it was when it is run again', async () => {
    await using app = await open()
    await tour(app, () => undefined)
    const lines: string[] = []
    await tour(app, (line) => lines.push(line))
    expect(lines).toEqual([
      'Balance now: 140',
      'Balance before the withdrawal: 170',
      'Balance after the first event: 100',
      'Balance after a rebuild from 4 events: 140',
    ])
  })

  it('refuses a withdrawal of more than there is', async () => {
    await using app = await open()
    const done = await app.execute(Deposit, { accountId: 'bert', amount: 10 })
    await expect(app.execute(Withdraw, { accountId: 'bert', amount: 11 })).rejects.toThrow(
      NotEnoughMoney,
    )
    expect(await app.query(new GetBalance('bert'), { after: done })).toEqual({
      _id: 'bert',
      amount: 10,
    })
  })

  it('refuses a command that breaks a rule, and names the rule', async () => {
    await using app = await open()
    await expect(app.execute(Deposit, { accountId: 'bert', amount: -5 })).rejects.toThrow(
      'amount: amount must be a positive number',
    )
  })
})
