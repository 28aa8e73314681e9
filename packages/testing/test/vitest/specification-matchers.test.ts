import { describe, expect, it } from 'vitest'
import { eventsOf, specifyAggregate, specifyProjection } from '../../src/index.ts'
import { specificationMatchers } from '../../src/vitest/index.ts'
import {
  account,
  AccountRefusal,
  balancesProjection,
  deposit,
  deposited,
  GetBalance,
  getBalance,
  opened,
} from '../specification/bank.ts'

expect.extend(specificationMatchers)

const adas = opened.create({ owner: 'Ada', at: new Date('2024-01-01') })
const five = deposited.create({ cents: 5n })
const { given } = specifyAggregate(account)
const projection = specifyProjection(balancesProjection, { definitions: [getBalance] })
const log = projection.given(eventsOf('a', adas, five))

describe('the matchers', () => {
  it('pass on what is so', async () => {
    const deposits = given(adas).when(deposit, { id: 'a', cents: 5n })
    await expect(deposits).toRecord(five)
    await expect(deposits).toLeaveState({ balance: 5n })
    await expect(given(adas, five)).toLeaveState({ balance: 5n })
    await expect(given().when(deposit, { id: 'a', cents: 5n })).toBeRefused(AccountRefusal)
    await expect(log).toBuild({ _id: 'a', owner: 'Ada', cents: 5 })
    await expect(log.when(new GetBalance('b'))).toBeAnsweredWith(null)
    await expect(projection.given(eventsOf('a', five))).toBeRefused(RangeError)
  })

  it('fail on what is not, and pass when that is expected', async () => {
    const deposits = given(adas).when(deposit, { id: 'a', cents: 6n })
    await expect(expect(deposits).toRecord(five)).rejects.toThrow('is not what was expected')
    await expect(expect(deposits).toBeRefused()).rejects.toThrow('but was carried out')
    await expect(expect(log).toBuild()).rejects.toThrow('is not what was expected')
    await expect(deposits).not.toRecord(five)
    await expect(deposits).not.toLeaveState({ balance: 5n })
    await expect(log).not.toBuild()
    await expect(expect(deposits).not.toLeaveState({ balance: 6n })).rejects.toThrow('but it is so')
  })

  it.each([
    ['toRecord', () => expect(log).toRecord(five)],
    ['toBuild', () => expect(given(adas)).toBuild()],
    ['toLeaveState', () => expect(log).toLeaveState({})],
    ['toBeAnsweredWith', () => expect(log).toBeAnsweredWith(null)],
    ['toBeRefused', () => expect(1).toBeRefused()],
  ])('%s says what it is for', async (_, matcher) => {
    await expect(matcher()).rejects.toMatchObject({ code: 'SPECIFICATION' })
  })
})
