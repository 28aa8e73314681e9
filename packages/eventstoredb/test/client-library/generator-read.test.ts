import { expect, test } from 'vitest'
import { GeneratorRead } from '../../src/client-library/generator-read.ts'
import type { Delivery } from '../../src/read/delivery.ts'

/** A read of so many deliveries, that tells how far it was read. */
function generator(count: number, failure?: Error) {
  const state = { taken: 0, isOver: false }
  async function* deliveries(): AsyncGenerator<Delivery> {
    for (; state.taken < count; state.taken += 1) yield { commitPosition: BigInt(state.taken) }
    state.isOver = true
    if (failure) throw failure
  }
  return { state, deliveries: deliveries() }
}

/** Resolves with what a read told, once it is over. */
function everything(read: GeneratorRead): Promise<readonly unknown[]> {
  const told: unknown[] = []
  return new Promise((resolve) => {
    read.on('data', ({ commitPosition }: Delivery) => told.push(commitPosition))
    read.on('end', () => resolve([...told, 'end']))
    read.on('error', (failure: Error) => resolve([...told, failure.message]))
  })
}

test('tells every delivery and then the end', async () => {
  const { deliveries } = generator(3)
  expect(await everything(new GeneratorRead(deliveries))).toEqual([0n, 1n, 2n, 'end'])
})

test('tells what came before a failure, and the failure', async () => {
  const { deliveries } = generator(2, new TypeError('gone'))
  expect(await everything(new GeneratorRead(deliveries))).toEqual([0n, 1n, 'gone'])
})

test('takes no more than one delivery ahead while it is paused', async () => {
  const { deliveries, state } = generator(10)
  const read = new GeneratorRead(deliveries)
  const all = everything(read)
  read.pause()
  await new Promise((resolve) => setImmediate(resolve))
  expect(state.taken).toBeLessThanOrEqual(1)
  read.resume()
  expect(await all).toHaveLength(11)
})

test('reads on to the end, without a word, once it is cancelled', async () => {
  const { deliveries, state } = generator(10)
  const read = new GeneratorRead(deliveries)
  const told: unknown[] = []
  read.on('data', (delivery: Delivery) => {
    told.push(delivery)
    if (told.length === 2) void read.cancel()
  })
  read.on('end', () => told.push('end'))
  while (!state.isOver) await new Promise((resolve) => setImmediate(resolve))
  expect(told).toHaveLength(2)
})
