import { createApplication, defineEventHandler, type EventHandlerStatus, reactTo } from 'varve'
import { defineEvent, silentLogger, streamName } from '@varve/core'
import { InMemoryEventStore } from '@varve/memory'
import { expect, it, vi } from 'vitest'
import { Charge } from './guides/charging.ts'
import { printedBy, promisedBy } from './printed-output.ts'

it.each(['event-handlers', 'circuit-breaker'])(
  'the guide %s shows what its example prints',
  async (page) => {
    const promised = promisedBy(`docs/guides/${page}.md`)
    expect(promised).not.toEqual([])
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    expect(await printedBy(() => import(`./guides/${page}.ts`))).toEqual(promised)
  },
)

it('the webhook of the guide is carried out once', async () => {
  const { onParcelDelivered } = await import('./guides/other-sources.ts')
  const answers: string[] = []
  const printed = await printedBy(async () => {
    for (let count = 0; count < 2; count += 1)
      answers.push(await onParcelDelivered({ id: 'p1', item: 'tea' }))
  })
  expect(printed).toEqual(['tea arrived'])
  expect(answers).toEqual(['thank you', 'thank you again'])
})

it('the circuit of the guide opens for what the bank does not answer', async () => {
  const { app } = await import('./guides/protected-commands.ts')
  const charge = () =>
    app.execute(Charge, { invoiceId: 'i1' }).catch((error: unknown) => (error as Error).name)
  const failures: unknown[] = []
  for (let count = 0; count < 6; count += 1) failures.push(await charge())
  expect(failures).toEqual([...Array.from({ length: 5 }, () => 'TypeError'), 'CircuitOpenError'])
  await app.close()
})

it('the event a handler halted on is left out as the guide says', async () => {
  const { leaveOut } = await import('./guides/steering.ts')
  const shipped = defineEvent<{ item: string }>('order.shipped')
  const seen: string[] = []
  const eventStore = new InMemoryEventStore()
  await using app = await createApplication({
    definitions: [
      defineEventHandler('notes', {
        delivery: 'at-least-once',
        handlers: [
          reactTo(shipped, ({ item }) => {
            if (item === 'tea') throw new RangeError('no tea')
            seen.push(item)
          }),
        ],
      }),
    ],
    eventStore: { eventStore },
    readModels: 'memory:',
    eventHandlers: { retryDelaysMs: [] },
    logger: silentLogger,
  })
  const events = ['tea', 'milk'].map((item) => ({
    id: crypto.randomUUID(),
    type: 'order.shipped',
    data: { item },
    metadata: {},
  }))
  await eventStore.append(streamName('order', 'o1'), events, { expected: 'any' })
  const status = (): EventHandlerStatus | undefined => app.eventHandlers.status()[0]
  await vi.waitFor(() => expect(status()?.state).toBe('halted'))
  await leaveOut(app, 'notes')
  await app.eventHandlers.waitFor('notes', 1n)
  expect(seen).toEqual(['milk'])
})
