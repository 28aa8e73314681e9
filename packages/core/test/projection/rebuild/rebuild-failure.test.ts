import { describe, expect, test } from 'vitest'
import { collectionName, defineProjection, type Generation, on } from '../../../src/index.ts'
import { defineAccount, deposited, opened } from '../../fixtures/accounts.ts'
import { around } from '../../fixtures/around.ts'
import { balances, documentsOf } from '../../fixtures/balances.ts'
import { filled, WatchedStore } from '../../fixtures/filled.ts'
import { until } from '../../fixtures/until.ts'
import { World } from '../../fixtures/world.ts'

describe('a rebuild that fails', () => {
  test('in a handler leaves readers on the old generation, which goes on', async () => {
    let isBroken = false
    const watched = new WatchedStore()
    const fragile = defineProjection('by-account', {
      into: balances,
      handlers: [
        on(opened, balances, ({ owner }, _document, { aggregateId, position }) => {
          if (isBroken && position === 50n) throw new RangeError('unlucky')
          return { _id: aggregateId, owner, balance: 0 }
        }),
        on(deposited, balances, ({ amount }, document) => void (document!.balance += amount)),
      ],
    })
    await using world = new World([defineAccount(), fragile], { readModels: watched.store })
    for (let count = 0; count < 60; count += 1)
      await world.append(`account-a${count}`, opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await world.settle('by-account')
    isBroken = true
    await expect(world.projections.rebuild('by-account')).rejects.toThrow(
      'Projection "by-account" failed on "account.opened" at account-a50/0 (position 50), document "a50" of "balances": unlucky',
    )
    expect([...watched.existing]).toEqual(['balances__v1_1'])
    await world.append('account-a0', deposited.create({ amount: 1 }))
    await world.settle('by-account')
    expect((await documentsOf(world, balances))[0]).toMatchObject({ balance: 1 })
  })

  test('and cannot clean up still tells its own reason, and the next one cleans up', async () => {
    let isBroken = false
    const watched = new WatchedStore()
    const readModels = around(watched.store, {
      commit: (commit, what) =>
        isBroken && what.generation.number === 2
          ? Promise.reject(new TypeError('disk full'))
          : commit(what),
      drop: (drop, ...args) => (isBroken ? Promise.reject(new TypeError('away')) : drop(...args)),
    })
    await using world = await filled({ readModels })
    isBroken = true
    await expect(world.projections.rebuild('by-account')).rejects.toThrow('disk full')
    isBroken = false
    const { generation } = await world.projections.rebuild('by-account')
    expect([...watched.existing]).toEqual(['balances__v1_1', collectionName(balances, generation)])
  })

  test('leaves a halted projection halted', async () => {
    const failing = defineProjection('failing', {
      into: balances,
      onError: 'halt',
      handlers: [
        on(opened, balances, () => {
          throw new RangeError('unlucky')
        }),
      ],
    })
    await using world = new World([failing], { tuning: { retryDelaysMs: [] } })
    await world.append('account-a1', opened.create({ owner: 'Ada' }))
    await world.projections.start()
    await until(() => world.projections.status()[0]?.state === 'halted')
    await expect(world.projections.rebuild('failing')).rejects.toThrow('unlucky')
    expect(world.projections.status()[0]?.state).toBe('halted')
  })
})

test('a rebuild of a halted projection with mended code sets it going again', async () => {
  let isMended = false
  const projection = defineProjection('mended', {
    into: balances,
    onError: 'halt',
    handlers: [
      on(opened, balances, ({ owner }, _document, { aggregateId }) => {
        if (!isMended) throw new RangeError('unlucky')
        return { _id: aggregateId, owner, balance: 0 }
      }),
    ],
  })
  await using world = new World([projection], { tuning: { retryDelaysMs: [] } })
  await world.append('account-a1', opened.create({ owner: 'Ada' }))
  await world.projections.start()
  await until(() => world.projections.status()[0]?.state === 'halted')
  isMended = true
  await world.projections.rebuild('mended')
  await until(() => world.projections.status()[0]?.state === 'live')
  expect(await documentsOf(world, balances)).toHaveLength(1)
})

test('a generation that died half-way is never filled again: its number is not reused', async () => {
  const watched = new WatchedStore()
  await using world = await filled({ readModels: watched.store })
  const record = await watched.store.generations('by-account')
  const half: Generation = { projection: 'by-account', version: 1, number: 2 }
  await watched.store.create(half, [balances])
  await watched.store.saveGenerations({ ...record!, building: half, revision: 2 }, 1)
  const { generation } = await world.projections.rebuild('by-account')
  expect(generation.number).toBe(3)
  expect([...watched.existing]).toEqual(['balances__v1_1', 'balances__v1_3'])
})
