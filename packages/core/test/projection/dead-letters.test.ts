import { InMemoryReadModelStore } from '@varve/memory'
import { describe, expect, test } from 'vitest'
import {
  type DeadLetter,
  DeadLetterLimitError,
  defineProjection,
  DocumentTooLargeError,
  on,
} from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'
import { around } from '../fixtures/around.ts'
import { type Balance, balances, documentsOf } from '../fixtures/balances.ts'
import { until, untilSeen } from '../fixtures/until.ts'
import { World, type WorldOptions } from '../fixtures/world.ts'

/** Refuses deposits of 13 until mended; keeps half of its change when it does. */
function fragile() {
  const faults = { isMended: false, tries: 0 }
  const projection = defineProjection('fragile', {
    into: balances,
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => ({
        _id: aggregateId,
        owner,
        balance: 0,
      })),
      on(deposited, balances, ({ amount }, document) => {
        document!.balance += amount
        if (amount !== 13 || faults.isMended) return
        faults.tries += 1
        throw new RangeError('unlucky')
      }),
    ],
  })
  return { faults, projection }
}

const dead = { tuning: { retryDelaysMs: [] } }

async function started(options: WorldOptions = dead) {
  const { faults, projection } = fragile()
  const world = new World([projection], options)
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.append('account-a2', opened.create({ owner: 'Bob' }))
  await world.append('account-a1', deposited.create({ amount: 1 }))
  await world.append(
    'account-a1',
    deposited.create({ amount: 13 }),
    deposited.create({ amount: 4 }),
  )
  await world.append('account-a2', deposited.create({ amount: 7 }))
  await world.projections.start()
  await world.settle('fragile')
  return { faults, world }
}

async function lettersOf(world: World): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const page of world.projections.deadLetters('fragile').list()) letters.push(...page)
  return letters
}

async function emptied(world: World): Promise<void> {
  await untilSeen(async () => (await world.projections.deadLetters('fragile').count()) === 0)
}

describe('an event that fails', () => {
  test('goes to dead letters with all later ones of its document, and the others go on', async () => {
    const { world } = await started()
    await using _world = world
    await world.append('account-a1', deposited.create({ amount: 5 }))
    await world.append('account-a2', deposited.create({ amount: 1 }))
    await world.settle('fragile')
    expect(await documentsOf(world, balances)).toEqual([
      { _id: 'a1', owner: 'Ada', balance: 1 },
      { _id: 'a2', owner: 'Bob', balance: 8 },
    ])
    expect(await lettersOf(world)).toMatchObject([
      { event: { position: 3n, data: { amount: 13 } }, state: 'dead', attempts: 1 },
      { event: { position: 4n, data: { amount: 4 } }, state: 'waiting', attempts: 0 },
      { event: { position: 6n, data: { amount: 5 } }, state: 'waiting', attempts: 0 },
    ])
  })

  test('is kept with its queue and its cause', async () => {
    const { world } = await started()
    await using _world = world
    const [letter] = await lettersOf(world)
    expect(letter?.queue).toEqual({ consumer: 'fragile__v1_1', model: 'balances', key: 'a1' })
    expect(letter?.cause).toMatchObject({ name: 'RangeError', message: 'unlucky' })
  })

  test('is tried again after each delay while others go on, then applied with all behind it in order', async () => {
    const { faults, world } = await started({ tuning: { retryDelaysMs: [1, 1, 60_000] } })
    await using _world = world
    await until(() => faults.tries === 3)
    await world.append('account-a2', deposited.create({ amount: 1 }))
    await world.settle('fragile')
    expect((await documentsOf(world, balances))[1]).toMatchObject({ balance: 8 })
    faults.isMended = true
    expect(await world.projections.deadLetters('fragile').retry()).toBe(1)
    await emptied(world)
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 18 })
    await world.append('account-a1', deposited.create({ amount: 2 }))
    await world.settle('fragile')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 20 })
    expect(await lettersOf(world)).toEqual([])
  })

  test('by itself gets better without anybody saying so', async () => {
    const { faults, world } = await started({ tuning: { retryDelaysMs: [1, 1, 1, 1, 1, 1, 1, 1] } })
    await using _world = world
    faults.isMended = true
    await emptied(world)
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 18 })
  })

  test('is dead after its last try, with every failure counted', async () => {
    const { faults, world } = await started({ tuning: { retryDelaysMs: [1, 1] } })
    await using _world = world
    await until(() => faults.tries === 3)
    await untilSeen(async () => (await lettersOf(world))[0]?.state === 'dead')
    expect((await lettersOf(world))[0]).toMatchObject({ attempts: 3, dueAt: undefined })
    expect(world.projections.status()[0]).toMatchObject({
      state: 'live',
      failures: 3,
      lettersWritten: 2,
    })
    expect(world.log.lines.map(({ level }) => level)).toEqual(['warn', 'error'])
  })

  test('waits across a restart, and holds what comes after it then', async () => {
    const { faults, world } = await started()
    await using _world = world
    await world.projections.stop()
    await world.append('account-a1', deposited.create({ amount: 5 }))
    await world.projections.start()
    await world.settle('fragile')
    expect((await lettersOf(world)).map(({ event }) => event.position)).toEqual([3n, 4n, 6n])
    faults.isMended = true
    await world.projections.deadLetters('fragile').retry({ key: 'a1' })
    await emptied(world)
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 23 })
  })

  test('that fails again in the middle of its queue leaves what came before it applied', async () => {
    const { world, faults } = await started()
    await using _world = world
    await world.append(
      'account-a1',
      deposited.create({ amount: 13 }),
      deposited.create({ amount: 2 }),
    )
    await world.settle('fragile')
    await world.projections.deadLetters('fragile').discard({ key: 'a1' }, 3n)
    await until(() => faults.tries >= 2)
    await untilSeen(async () => (await lettersOf(world))[0]?.state === 'dead')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 5 })
    expect((await lettersOf(world)).map(({ event }) => event.data)).toEqual([
      { amount: 13 },
      { amount: 2 },
    ])
  })
})

describe('discarding', () => {
  test('one letter applies those behind it', async () => {
    const { world } = await started()
    await using _world = world
    expect(await world.projections.deadLetters('fragile').discard({ key: 'a1' }, 3n)).toBe(1)
    await emptied(world)
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 5 })
  })

  test('a whole queue lets the document go on with what comes next', async () => {
    const { world } = await started()
    await using _world = world
    expect(await world.projections.deadLetters('fragile').discard({ key: 'a1' })).toBe(2)
    expect(await lettersOf(world)).toEqual([])
    await world.append('account-a1', deposited.create({ amount: 9 }))
    await world.settle('fragile')
    await untilSeen(async () => (await documentsOf(world, balances))[0]?.balance === 10)
    expect(await lettersOf(world)).toEqual([])
  })
})

test('what the store refuses of a document goes to dead letters as well, the event that made it so first', async () => {
  const store = new InMemoryReadModelStore()
  const readModels = around(store, {
    commit: async (commit, what) => {
      const large = what.writes.find(
        ({ document }) => ((document as Balance | undefined)?.balance ?? 0) > 100,
      )
      if (large) throw new DocumentTooLargeError('balances', large.id, 101, 100)
      return commit(what)
    },
  })
  const { projection, faults } = fragile()
  faults.isMended = true
  await using world = new World([projection], { readModels, tuning: { retryDelaysMs: [1] } })
  await world.append('account-a2', opened.create({ owner: 'Bob' }))
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.append('account-a1', deposited.create({ amount: 60 }))
  await world.append('account-a1', deposited.create({ amount: 70 }))
  await world.append('account-a2', deposited.create({ amount: 1 }))
  await world.projections.start()
  await world.settle('fragile')
  await untilSeen(async () => (await lettersOf(world))[0]?.state === 'dead')
  expect(await documentsOf(world, balances)).toEqual([
    { _id: 'a1', owner: 'Ada', balance: 60 },
    { _id: 'a2', owner: 'Bob', balance: 1 },
  ])
  expect(await lettersOf(world)).toMatchObject([
    { event: { data: { amount: 70 } }, cause: { code: 'DOCUMENT_TOO_LARGE' } },
  ])
})

describe('an event whose key function fails', () => {
  const projection = defineProjection('fragile', {
    into: balances,
    handlers: [
      on(opened, balances, ({ owner }) => ({ _id: owner, owner, balance: 0 }), {
        key: ({ owner }) => {
          if (owner === 'Nobody') throw new RangeError('no such owner')
          return owner
        },
      }),
    ],
  })

  test('is a dead letter of its stream, and nothing waits for it', async () => {
    await using world = new World([projection], dead)
    await world.append('account-a1', opened.create({ owner: 'Nobody' }))
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await world.settle('fragile')
    expect(await documentsOf(world, balances)).toMatchObject([{ _id: 'Ada' }])
    expect(await lettersOf(world)).toMatchObject([
      { queue: { model: undefined, key: 'account-a1' }, state: 'dead' },
    ])
  })

  test('stays given up where the process died between the letter and the checkpoint', async () => {
    const readModels = new InMemoryReadModelStore({ level: 'idempotent' })
    let isDead = false
    const dying = around(readModels, {
      commit: async (_commit, { deadLetters = [] }) => {
        if (!isDead) await readModels.deadLetters.put(deadLetters)
        isDead = true
        throw new Error('died')
      },
    })
    const world = new World([projection], { ...dead, readModels: dying })
    await world.append('account-a1', opened.create({ owner: 'Nobody' }))
    await world.projections.start()
    await until(() => isDead)
    await world.projections.stop()
    expect(await world.projections.deadLetters('fragile').discard({})).toBe(1)
    await using heir = world.another([projection], { ...dead, readModels })
    await heir.projections.start()
    await heir.settle('fragile')
    expect(await lettersOf(heir)).toEqual([])
  })
})

test('more dead letters than may be halt the projection before anything is dropped', async () => {
  const { projection, faults } = fragile()
  await using world = new World([projection], { tuning: { retryDelaysMs: [], maxDeadLetters: 3 } })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.append(
    'account-a1',
    deposited.create({ amount: 13 }),
    deposited.create({ amount: 1 }),
  )
  await world.projections.start()
  await world.settle('fragile')
  await world.append('account-a1', deposited.create({ amount: 2 }), deposited.create({ amount: 3 }))
  await until(() => world.projections.status()[0]?.state === 'halted')
  const { lastError } = world.projections.status()[0]!
  expect((lastError as Error).cause).toBeInstanceOf(DeadLetterLimitError)
  expect((await lettersOf(world)).length).toBe(2)
  faults.isMended = true
  await world.projections.deadLetters('fragile').retry()
  await world.projections.start()
  await world.settle('fragile')
  await emptied(world)
  expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 19 })
})
