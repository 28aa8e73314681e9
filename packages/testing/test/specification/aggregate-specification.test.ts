import { AssertionError } from 'node:assert'
import { defineAggregate, uncheckedMessages } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { specifyAggregate, SpecificationError } from '../../src/index.ts'
import { account, AccountRefusal, deposit, deposited, open, opened } from './bank.ts'

const { given } = specifyAggregate(account)
const start = new Date('2024-01-01T00:00:00.000Z')
const adas = opened.create({ owner: 'Ada', at: start })

/** The failure of an expectation. */
async function failureOf(expectation: Promise<void>): Promise<AssertionError> {
  const error: unknown = await expectation.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AssertionError)
  return error as AssertionError
}

describe('a command of a specification', () => {
  it('passes with the events it records', async () => {
    await given(adas)
      .when(deposit, { id: 'a', cents: 5n })
      .then(deposited.create({ cents: 5n }))
    await given(adas)
      .when(deposit, { id: 'a', cents: 5n })
      .then([deposited.create({ cents: 5n })])
  })

  it('is decided at the time of the virtual clock', async () => {
    await given().when(open, { id: 'a', owner: 'Ada' }).then(adas)
    const at = new Date('2031-05-06T07:08:09.000Z')
    await given()
      .when(open, { id: 'a', owner: 'Ada' }, { at })
      .then(opened.create({ owner: 'Ada', at }))
  })

  it('fails with a difference of types and data, bigints and dates included', async () => {
    const failure = await failureOf(
      given(adas)
        .when(deposit, { id: 'a', cents: 5n })
        .then(deposited.create({ cents: 6n })),
    )
    expect(failure.message).toContain(
      'What "account.deposit" on account records is not what was expected',
    )
    expect(failure.message).toMatch(/\+\s+cents: 5n/)
    expect(failure.message).toMatch(/-\s+cents: 6n/)
    expect(failure.actual).toEqual([{ type: 'account.deposited', data: { cents: 5n } }])
    expect(failure.expected).toEqual([{ type: 'account.deposited', data: { cents: 6n } }])
  })

  it('fails when it records more, less or nothing', async () => {
    const outcome = given(adas).when(deposit, { id: 'a', cents: 5n })
    await failureOf(outcome.then())
    await failureOf(outcome.then(...[5n, 5n].map((cents) => deposited.create({ cents }))))
    await failureOf(
      given(adas)
        .when(deposit, { id: 'a', cents: 0n })
        .then(deposited.create({ cents: 0n })),
    )
    await given(adas).when(deposit, { id: 'a', cents: 0n }).then()
  })

  it('fails on another event with the same data', async () => {
    const failure = await failureOf(
      given()
        .when(open, { id: 'a', owner: 'Ada' })
        .then(deposited.create({ cents: 1n })),
    )
    expect(failure.message).toContain('account.opened')
  })

  it('fails where it was refused, with the refusal as the cause', async () => {
    const failure = await failureOf(
      given()
        .when(deposit, { id: 'a', cents: 5n })
        .then(deposited.create({ cents: 5n })),
    )
    expect(failure.message).toContain('was refused with Error: it is not open')
    expect(failure.cause).toBeInstanceOf(AccountRefusal)
  })

  it('may follow another command, which must succeed', async () => {
    await given()
      .when(open, { id: 'a', owner: 'Ada' })
      .when(deposit, { id: 'a', cents: 5n })
      .then({ events: [deposited.create({ cents: 5n })], state: { balance: 5n } })
    await expect(
      given()
        .when(deposit, { id: 'a', cents: 5n })
        .when(open, { id: 'a', owner: 'Ada' })
        .then(adas),
    ).rejects.toThrow(AccountRefusal)
  })

  it('does nothing the second time under the same id', async () => {
    await given(adas)
      .when(deposit, { id: 'a', cents: 5n }, { id: 'once' })
      .when(deposit, { id: 'a', cents: 5n }, { id: 'once' })
      .then({ events: [], state: { balance: 5n }, result: { isRepeated: true, revision: 1n } })
  })

  it('is checked by the validator', async () => {
    const checked = specifyAggregate(account, {
      validator: { ...uncheckedMessages },
    })
    await checked
      .given()
      .when(open, [] as never)
      .throws({ code: 'INVALID_MESSAGE' })
  })
})

describe('a refusal of a specification', () => {
  const refused = given().when(deposit, { id: 'a', cents: 5n })

  it('passes by class, by message, by fields and by all of them', async () => {
    await refused.throws()
    await refused.throws(AccountRefusal)
    await refused.throws(/not open/)
    await refused.throws({ code: 'REFUSED' })
    await refused.throws(AccountRefusal, /not open/, { code: 'REFUSED' })
    await refused.then(AccountRefusal)
    await refused.then(/not open/)
    await refused.then({ error: AccountRefusal, state: { balance: 0n } })
  })

  it('fails where it is of another class, message or code', async () => {
    expect((await failureOf(refused.throws(RangeError))).message).toContain(
      'but RangeError was expected',
    )
    expect((await failureOf(refused.throws(/closed/))).message).toContain('/closed/ was expected')
    await failureOf(refused.throws({ code: 'CLOSED' }))
    await failureOf(refused.throws(AccountRefusal, /closed/))
  })

  it('fails where the command is carried out, and shows the events', async () => {
    const failure = await failureOf(
      given(adas).when(deposit, { id: 'a', cents: 5n }).throws(AccountRefusal),
    )
    expect(failure.message).toContain('was expected to be refused, but was carried out')
    expect(failure.actual).toEqual([{ type: 'account.deposited', data: { cents: 5n } }])
  })
})

describe('a state of a specification', () => {
  it('is what the given events fold into', async () => {
    await given(adas, deposited.create({ cents: 5n }), deposited.create({ cents: 6n })).then({
      state: { balance: 11n },
    })
    await given().then({ state: { balance: 0n, owner: undefined } })
  })

  it('fails by the fields that are named', async () => {
    const failure = await failureOf(given(adas).then({ state: { owner: 'Bert' } }))
    expect(failure.expected).toEqual({ owner: 'Bert' })
    expect(failure.actual).toEqual({ owner: 'Ada' })
  })

  it('may be looked at by a function', async () => {
    await given(adas).then({ state: ({ owner }) => expect(owner).toBe('Ada') })
    await expect(
      given(adas).then({ state: ({ owner }) => expect(owner).toBe('Bert') }),
    ).rejects.toThrow('Ada')
  })
})

describe('a specification', () => {
  it('says so where it is awaited without an expectation', async () => {
    const forgotten = given(adas).when(deposit, { id: 'a', cents: 5n }) as unknown
    await expect((async () => await (forgotten as Promise<void>))()).rejects.toThrow(
      'was awaited without an expectation',
    )
  })

  it('refuses expectations it does not know', async () => {
    await expect(
      given(adas)
        .when(deposit, { id: 'a', cents: 5n })
        .then({ cents: 5n } as object),
    ).rejects.toThrow(SpecificationError)
    await expect(given(adas).when(deposit, { id: 'a', cents: 5n }).then({})).rejects.toThrow(
      SpecificationError,
    )
  })

  it('takes only events that were declared', async () => {
    await expect(
      given(new (class Stranger {})())
        .when(deposit, { id: 'a', cents: 5n })
        .then(),
    ).rejects.toMatchObject({ code: 'UNDECLARED_EVENT' })
  })

  it('writes events with a payload JSON cannot carry to nobody', async () => {
    const broken = opened.create({ owner: (() => 'Ada') as never, at: start })
    await expect(given(broken).then({ state: {} })).rejects.toMatchObject({
      code: 'UNSERIALIZABLE_PAYLOAD',
    })
  })

  it('starts anew each time it is played', async () => {
    const outcome = given(adas).when(deposit, { id: 'a', cents: 5n })
    for (let count = 0; count < 3; count += 1) await outcome.then({ state: { balance: 5n } })
  })

  it('is of an aggregate', () => {
    expect(() => specifyAggregate(opened as never)).toThrow('is no aggregate')
    expect(() => specifyAggregate(class Plain {})).toThrow('Plain has no decorator')
  })
})

describe('what has no types', () => {
  it('is told of what is no command and no event', () => {
    expect(() => given().when(undefined as never)).toThrow(
      'The specification of a command sends undefined: expected a class or a definition',
    )
    expect(() => given(undefined as never)).toThrow(
      'The specification of what is given has undefined in the place of an event',
    )
  })

  it('is told that it expects nothing of a state', async () => {
    await expect(given(adas).then({} as never)).rejects.toThrow(SpecificationError)
  })
})

it('a state that is a number is compared as a whole', async () => {
  const counter = defineAggregate('counter', {
    initial: () => 0,
    decide: (decideOn) => [decideOn(deposit, (_, { cents }) => deposited.create({ cents }))],
    evolve: (evolveWith) => [evolveWith(deposited, (sum, { cents }) => sum + Number(cents))],
  })
  const counted = specifyAggregate(counter).given(deposited.create({ cents: 5n }))
  await counted.then({ state: 5 as never })
  await failureOf(counted.then({ state: 7 as never }))
  const more = counted.when(deposit, { id: 'a', cents: -5n })
  await more.then({ state: 0 as never })
  await failureOf(more.when(deposit, { id: 'a', cents: 1n }).then({ state: 0 as never }))
})
