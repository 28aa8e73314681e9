import { expect, test } from 'vitest'
import { ProjectionLagError } from '../../../src/index.ts'
import { PositionWatch } from '../../../src/projection/follow/position-watch.ts'

test('a wait ends when its position is reached, or was before', async () => {
  const watch = new PositionWatch('p')
  const waits = [watch.wait(3n, 5_000), watch.wait(5n, 5_000)]
  watch.reach(3n)
  await waits[0]
  watch.reach(7n)
  await waits[1]
  await watch.wait(7n, 0)
  expect(watch.position).toBe(7n)
})

test('the position never goes back', () => {
  const watch = new PositionWatch('p')
  watch.reach(7n)
  watch.reach(3n)
  watch.reach(undefined)
  expect(watch.position).toBe(7n)
})

test('a wait ends with the lag after its time', async () => {
  const watch = new PositionWatch('p')
  watch.reach(1n)
  const wait = watch.wait(3n, 1)
  await expect(wait).rejects.toThrow(ProjectionLagError)
  await expect(wait).rejects.toThrow(
    'Projection "p" did not reach position 3 within 1 ms; it is at 1.',
  )
})

test('every wait ends with the failure, and a failure without waits is heard by nobody', async () => {
  const watch = new PositionWatch('p')
  const wait = watch.wait(3n, 5_000)
  watch.fail(new TypeError('gone'))
  await expect(wait).rejects.toThrow('gone')
  watch.fail(new TypeError('again'))
})

test('a wait without end does not end at once', async () => {
  const watch = new PositionWatch('p')
  const wait = watch.wait(3n, Infinity)
  setTimeout(() => watch.reach(3n), 5)
  await wait
  expect(watch.position).toBe(3n)
})
