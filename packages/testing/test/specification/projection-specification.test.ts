import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { eventsOf, specifyProjection, SpecificationError } from '../../src/index.ts'
import {
  account,
  balances,
  balancesProjection,
  deposited,
  GetBalance,
  getBalance,
  opened,
  owners,
  ownersProjection,
} from './bank.ts'

const at = new Date('2024-01-01T00:00:00.000Z')
const adas = opened.create({ owner: 'Ada', at })
const berts = opened.create({ owner: 'Bert', at })
const five = deposited.create({ cents: 5n })
const { given } = specifyProjection(balancesProjection, { definitions: [getBalance] })

describe('a projection of a specification', () => {
  it('builds documents from events of several aggregates', async () => {
    await given(eventsOf('b', berts), eventsOf('a', adas, five, five)).then(
      { _id: 'a', owner: 'Ada', cents: 10 },
      { _id: 'b', owner: 'Bert', cents: 0 },
    )
  })

  it('fails with a difference of documents', async () => {
    const failure: unknown = await given(eventsOf('a', adas, five))
      .then({ _id: 'a', owner: 'Ada', cents: 6 })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AssertionError)
    expect((failure as Error).message).toMatch(/\+\s+cents: 5/)
    expect((failure as Error).message).toMatch(/-\s+cents: 6/)
  })

  it('fails on a document too many or too few', async () => {
    await expect(given(eventsOf('a', adas)).then()).rejects.toThrow(AssertionError)
    await expect(given().then({ _id: 'a', owner: 'Ada', cents: 0 })).rejects.toThrow(AssertionError)
    await given().then()
  })

  it('is seen in the past by position and by date', async () => {
    const log = given(eventsOf('a', adas, { event: five, at: new Date('2024-02-01') }, five))
    await log.asOf({ position: 1n }).then({ _id: 'a', owner: 'Ada', cents: 5 })
    await log.asOf({ date: new Date('2024-01-31') }).then({ _id: 'a', owner: 'Ada', cents: 0 })
    await log.then({ _id: 'a', owner: 'Ada', cents: 10 })
  })

  it('says which read model where there are several', async () => {
    const several = specifyProjection(ownersProjection).given(
      eventsOf('a', adas),
      eventsOf('b', adas),
    )
    await several.into(owners).then({ _id: 'Ada', accounts: 2 })
    await several.into(balances).asOf({ position: 0n }).then({ _id: 'a', owner: 'Ada', cents: 0 })
    await expect(several.then()).rejects.toThrow('builds "owners" and "balances"')
    expect(() => given().into(owners)).toThrow(SpecificationError)
  })

  it('is refused an event it cannot apply', async () => {
    await given(eventsOf('a', five)).throws(RangeError, /into nothing/)
    await expect(given(eventsOf('a', five)).then()).rejects.toMatchObject({
      cause: expect.any(RangeError),
    })
    await expect(given(eventsOf('a', adas)).throws(RangeError)).rejects.toThrow(
      'expected to fail, but built',
    )
  })

  it('is a projection', () => {
    expect(() => specifyProjection(account as never)).toThrow('is no projection')
  })
})

describe('a query of a specification', () => {
  const log = given(eventsOf('a', adas, five))

  it('is answered by its handler, now and in the past', async () => {
    await log.when(new GetBalance('a')).then({ _id: 'a', owner: 'Ada', cents: 5 })
    await log
      .asOf({ position: 0n })
      .when(new GetBalance('a'))
      .then({ _id: 'a', owner: 'Ada', cents: 0 })
    await log.when(new GetBalance('b')).then(null)
  })

  it('fails where it is answered otherwise', async () => {
    await expect(log.when(new GetBalance('a')).then(null)).rejects.toThrow(
      'The answer to GetBalance is not what was expected',
    )
    await expect(log.when(new GetBalance('a')).throws()).rejects.toThrow('but was answered')
  })

  it('is refused where nobody answers it', async () => {
    await specifyProjection(balancesProjection)
      .given()
      .when(new GetBalance('a'))
      .throws({ code: 'UNKNOWN_QUERY' })
  })
})
