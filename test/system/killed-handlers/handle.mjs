// Handles events in each delivery mode until it is killed. What it does to the world is a line in a file.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  defineEvent,
  defineEventHandler,
  reactTo,
} from 'varve'

const [eventStore, readModels, folder] = process.argv.slice(2)

const counted = defineEvent('count.counted')
const noted = defineEvent('note.noted')
const note = defineCommand('note.note', { aggregateId: ({ id }) => id })
const notes = defineAggregate('note', {
  initial: () => ({}),
  decide: [decideOn(note, (_state, { number }) => noted.create({ number }))],
  evolve: [],
})

const writing = (delivery) =>
  defineEventHandler(delivery, {
    delivery,
    startFrom: 'beginning',
    handlers: [
      reactTo(counted, ({ number }) => appendFileSync(join(folder, delivery), `${number}\n`)),
    ],
  })

const commanding = defineEventHandler('commanding', {
  delivery: 'at-least-once',
  startFrom: 'beginning',
  handlers: [
    reactTo(counted, ({ number }, { execute }) => execute(note, { id: `${number % 100}`, number })),
  ],
})

await createApplication({
  definitions: [
    notes,
    noted,
    counted,
    commanding,
    ...['at-most-once', 'at-least-once', 'idempotent'].map(writing),
  ],
  eventStore,
  readModels,
  eventHandlers: { leaseMs: 500 },
})
process.stdout.write('ready\n')
