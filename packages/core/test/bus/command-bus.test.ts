import { InMemoryEventStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  buildModel,
  CommandBus,
  createSingletonResolver,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  evolveWith,
  InvalidMessageError,
  InvalidStreamNameError,
  JsonEventCodec,
  type MessageValidator,
  randomIds,
  silentLogger,
  streamName,
  systemClock,
  UndeclaredEventError,
  UnknownCommandError,
  UnserializablePayloadError,
} from '../../src/index.ts'
import {
  defineAccount,
  deposit,
  deposited,
  note,
  noted,
  open,
  opened,
} from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

const account = defineAccount()

describe('a command', () => {
  test('decides on the state its earlier events made, and appends behind them', async () => {
    await using world = new World([account])
    const first = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const second = await world.commands.execute(deposit, { id: 'a1', amounts: [5, 7] })
    expect(first).toMatchObject({ stream: 'account-a1', revision: 0n, isRepeated: false })
    expect(second).toMatchObject({ revision: 2n, events: [{ amount: 5 }, { amount: 7 }] })
    expect(second.events[0]).toBeInstanceOf(deposited.class)
    const loaded = await world.commands.repositoryOf('account').load('a1')
    expect(loaded).toMatchObject({ state: { owner: 'Ada', balance: 12 }, revision: 2n })
    expect(second.position).toBe((await eventsOf(world.eventStore, 'account-a1'))[2]?.position)
  })

  test('that emits nothing appends nothing and tells the revision it found', async () => {
    await using world = new World([account])
    const nothing = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    expect(nothing).toMatchObject({ revision: undefined, position: undefined, events: [] })
    await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const again = await world.commands.execute(deposit, { id: 'a1', amounts: [] })
    expect(again).toMatchObject({ revision: 0n, position: undefined, events: [] })
    expect(await eventsOf(world.eventStore, 'account-a1')).toHaveLength(1)
  })

  test('that nobody handles is refused with the known ones', async () => {
    await using world = new World([account])
    const transfer = defineCommand<{ id: string }>('account.transfer', { aggregateId: () => 'a1' })
    await expect(world.commands.execute(transfer, { id: 'a1' })).rejects.toThrow(
      UnknownCommandError,
    )
    await expect(world.commands.execute(transfer, { id: 'a1' })).rejects.toThrow(
      'No aggregate handles command account.transfer. Add @Handles for it and list the aggregate in definitions; known: account.open, account.deposit, account.note.',
    )
  })

  test('whose aggregate id is missing is refused instead of written to a stream of that name', async () => {
    await using world = new World([account])
    const payload = { owner: 'Ada' } as { id: string; owner: string }
    await expect(world.commands.execute(open, payload)).rejects.toThrow(InvalidStreamNameError)
  })

  test.each([null, undefined, 'text', [1]])('whose payload is %j is refused', async (payload) => {
    await using world = new World([account])
    await expect(world.commands.execute(open, payload as never)).rejects.toThrow(
      InvalidMessageError,
    )
  })
})

describe('each event carries', () => {
  test('where it comes from, its schema version and an id made from the command', async () => {
    await using world = new World([account])
    await world.commands.execute(
      deposit,
      { id: 'a1', amounts: [1, 2] },
      {
        id: 'c1',
        correlationId: 'request-7',
        causationId: 'message-6',
        actor: 'ada',
        tenant: 'north',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    )
    const events = await eventsOf(world.eventStore, 'account-a1')
    for (const { metadata } of events)
      expect(metadata).toEqual({
        $correlationId: 'request-7',
        $causationId: 'message-6',
        commandId: 'c1',
        commandType: 'account.deposit',
        commandDigest: '31e26d4c675ed3fe',
        schemaVersion: 1,
        actor: 'ada',
        tenant: 'north',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      })
    expect(events.map(({ id }) => id)).toEqual([
      expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      expect.not.stringMatching(events[0]?.id ?? ''),
    ])
  })

  test('the id of its command as correlation and cause, and nothing that was not given', async () => {
    await using world = new World([account])
    const { commandId } = await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
    const [event] = await eventsOf(world.eventStore, 'account-a1')
    expect(event?.metadata).toEqual({
      $correlationId: commandId,
      $causationId: commandId,
      commandId,
      commandType: 'account.open',
      schemaVersion: 1,
    })
  })

  test('the same id in every process, for the same command, place and data', async () => {
    const ids: string[] = []
    for (let process = 1; process <= 2; process += 1) {
      await using world = new World([account])
      await world.commands.execute(open, { id: 'a1', owner: 'Ada' }, { id: 'c1' })
      ids.push((await eventsOf(world.eventStore, 'account-a1'))[0]?.id ?? '')
    }
    expect(ids[0]).toBe('2b928d9a-ab03-5d06-8a79-16d8c8e3369f')
    expect(ids[1]).toBe(ids[0])
  })
})

describe('what a decider must not do', () => {
  const fail = defineCommand('thing.fail', { aggregateId: () => 't1' })
  const things = (decide: () => object | readonly object[]) =>
    defineAggregate('thing', { initial: () => 0, decide: [decideOn(fail, decide)], evolve: [] })

  test.each<[string, () => object | readonly object[], new (...args: never[]) => Error]>([
    [
      'throw',
      () => {
        throw new RangeError('too much')
      },
      RangeError,
    ],
    ['emit what is no event', () => [{ amount: 1 }], UndeclaredEventError],
    ['emit nothing in a list', () => [undefined as unknown as object], UndeclaredEventError],
    [
      'emit what JSON cannot carry',
      () => [opened.create({ owner: 'Ada' }), opened.create({ owner: undefined as never })],
      UnserializablePayloadError,
    ],
  ])('%s: nothing is stored', async (_name, decide, error) => {
    await using world = new World([things(decide), opened])
    await expect(world.commands.execute(fail, {})).rejects.toThrow(error)
    expect(await eventsOf(world.eventStore, 'thing-t1')).toEqual([])
  })
})

describe('validation', () => {
  class Rename {
    declare readonly id: string
    declare readonly name: string
  }
  const rename = defineCommand<Rename>('person.rename', {
    class: Rename,
    aggregateId: ({ id }) => id,
  })
  const renamed = defineEvent<{ name: string }>('person.renamed')
  const person = defineAggregate<string>('person', {
    initial: () => '',
    decide: [
      decideOn(rename, (_state, command) => {
        seen.push(command)
        return renamed.create({ name: command.name })
      }),
    ],
    evolve: [evolveWith(renamed, (_state, { name }) => name)],
  })
  let seen: object[] = []

  function busWith(validator: MessageValidator): CommandBus {
    seen = []
    const model = buildModel([person])
    return new CommandBus({
      model,
      eventStore: new InMemoryEventStore(),
      codec: new JsonEventCodec(model.events),
      validator,
      resolver: createSingletonResolver(),
      clock: systemClock,
      ids: randomIds,
      logger: silentLogger,
    })
  }

  test('makes the command its handler sees, found by class or by definition', async () => {
    const bus = busWith({
      validate: (target, payload) =>
        Object.assign(Object.create(target.class.prototype as object) as never, payload, {
          name: 'Checked',
        }),
    })
    await bus.execute(Rename, { id: 'p1', name: 'Ada' })
    await bus.execute(rename, { id: 'p1', name: 'Ada' })
    expect(seen[0]).toBeInstanceOf(Rename)
    expect(seen).toEqual([
      { id: 'p1', name: 'Checked' },
      { id: 'p1', name: 'Checked' },
    ])
  })

  test('comes first: what it refuses is never loaded or decided', async () => {
    const bus = busWith({
      validate: (target) => {
        throw new InvalidMessageError(target.type, [
          { path: 'name', rule: 'isString', message: 'must be a string' },
          { path: '', rule: 'isComplete', message: 'must be complete' },
        ])
      },
    })
    await expect(bus.execute(rename, { id: '', name: 'Ada' })).rejects.toThrow(
      '"person.rename" is not valid:\n  name: must be a string\n  (message): must be complete',
    )
    expect(seen).toEqual([])
  })

  test('by parse takes the place of the validator', async () => {
    const parsed = defineCommand<{ id: string }>('thing.parse', {
      aggregateId: ({ id }) => id,
      parse: (payload) => ({ id: (payload as { id: string }).id.toLowerCase() }),
    })
    const thing = defineAggregate('thing', {
      initial: () => 0,
      decide: [decideOn(parsed, () => noted.create({ text: 'x' }))],
      evolve: [],
    })
    await using world = new World([thing, noted])
    const done = await world.commands.execute(parsed, { id: 'ABC' })
    expect(done.stream).toBe(streamName('thing', 'abc'))
  })
})

test('middleware runs around every valid command, the first one outermost', async () => {
  const steps: string[] = []
  await using world = new World([account], {
    middleware: [
      async (envelope, next) => {
        steps.push(`outer ${envelope.route.command.type}`)
        const result = await next(envelope)
        steps.push('outer done')
        return result
      },
      async (envelope, next) => {
        steps.push('inner')
        return next(envelope)
      },
    ],
  })
  await world.commands.execute(open, { id: 'a1', owner: 'Ada' })
  expect(steps).toEqual(['outer account.open', 'inner', 'outer done'])
})

test('an event an aggregate does not fold is skipped when it is declared', async () => {
  await using world = new World([account, noted])
  await world.commands.execute(note, { id: 'a1', text: 'hello' })
  await world.commands.execute(deposit, { id: 'a1', amounts: [3] })
  const loaded = await world.commands.repositoryOf('account').load('a1')
  expect(loaded).toMatchObject({ state: { balance: 3 }, revision: 1n })
})

test('what is no command is refused with what it may come from', async () => {
  await using world = new World([account])
  const sent = world.commands.execute(undefined as never, {})
  await expect(sent).rejects.toThrow(
    'No aggregate handles undefined, which is no command: expected its class or definition, which a circle of imports may leave undefined.',
  )
})
