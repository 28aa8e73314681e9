import { type EventData, EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { hostServers, type LocalServers } from '@varve/local'
import { FaultProxy } from '@varve/testing'
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  Applies,
  type Application,
  Command,
  createApplication,
  defineAggregate,
  Event,
  type EventContext,
  Handles,
  type Logger,
  On,
  Projection,
  Query,
  QueryHandler,
  ReadModel,
  type ReadModelView,
  silentLogger,
} from 'varve'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

@Event('note.written')
class NoteWritten {
  constructor(readonly text: unknown) {}
}

@Command('note.write')
class WriteNote {
  @AggregateId() readonly noteId!: string
  readonly text!: unknown
}

@Aggregate('note')
class Note extends AggregateRoot {
  count = 0

  @Handles(WriteNote)
  write({ text }: WriteNote) {
    this.emit(new NoteWritten(text))
  }

  @Applies(NoteWritten)
  written() {
    this.count += 1
  }
}

@ReadModel('notes')
class NoteList {
  readonly _id!: string
  texts!: unknown[]
}

@Projection('notes', { into: NoteList })
class Notes {
  @On(NoteWritten)
  written({ text }: NoteWritten, list: NoteList | undefined, context: EventContext): NoteList {
    return { _id: context.aggregateId, texts: [...(list?.texts ?? []), text] }
  }
}

class GetNotes extends Query<NoteList | null> {
  constructor(readonly noteId: string) {
    super()
  }
}

@QueryHandler(GetNotes, { reads: NoteList })
class GetNotesHandler {
  execute({ noteId }: GetNotes, notes: ReadModelView<NoteList>) {
    return notes.findOne({ _id: noteId })
  }
}

const definitions = [Note, Notes, GetNotesHandler]
let servers: LocalServers

beforeEach(async () => {
  servers = await hostServers()
})
afterEach(() => servers.close())

const mongoUrl = (database: string, port?: number) => {
  const url = new URL(servers.mongoUrl)
  url.pathname = `/${database}`
  url.search = '?directConnection=true'
  if (port !== undefined) url.port = String(port)
  return url.href
}

const open = (overrides: { eventStore?: string; readModels?: string; logger?: Logger } = {}) =>
  createApplication({
    definitions,
    eventStore: servers.eventStoreUrl,
    readModels: mongoUrl(`bad_${Math.random().toString(36).slice(2)}`),
    logger: silentLogger,
    startTimeoutMs: 1_500,
    projections: { retryDelaysMs: [1] },
    ...overrides,
  })

/** Appends past the framework: what another program, or an older version, may have written. */
async function appendRaw(stream: string, event: EventData) {
  const client = EventStoreDBClient.connectionString(servers.eventStoreUrl)
  await client.appendToStream(stream, event)
  await client.dispose()
}

/** Waits until the notes' projection has a dead letter for a reason. */
async function deadLetterWith(app: Application, reason: string): Promise<void> {
  const causes = async (): Promise<string> => {
    const found: (string | undefined)[] = []
    for await (const page of app.projections.deadLetters('notes').list())
      found.push(...page.map(({ cause }) => cause?.message))
    return found.join()
  }
  await expect.poll(causes, { timeout: 30_000 }).toContain(reason)
}

describe('an event in the log', () => {
  it('of a type nobody declared is skipped by projections and refused by its aggregate', async () => {
    await using app = await open()
    await app.execute(WriteNote, { noteId: 'alien', text: 'one' })
    await appendRaw('note-alien', jsonEvent({ type: 'note.burnt', data: {} }))
    await expect(app.execute(WriteNote, { noteId: 'alien', text: 'two' })).rejects.toThrow(
      'Stream "note-alien" has an event of type "note.burnt" at revision 1, but no such event is declared',
    )
    const done = await app.execute(WriteNote, { noteId: 'other', text: 'three' })
    expect(await app.query(new GetNotes('other'), { after: done })).toMatchObject({
      texts: ['three'],
    })
    expect(app.projections.status()).toMatchObject([{ state: 'live' }])
  })

  it('with malformed JSON is refused with its place, and is a dead letter of a projection that asked for it', async () => {
    await using app = await open()
    await app.execute(WriteNote, { noteId: 'torn', text: 'one' })
    const torn = jsonEvent({ type: 'note.written', data: {} })
    await appendRaw('note-torn', { ...torn, data: '{"text": "tw' })
    await expect(app.load(Note, 'torn')).rejects.toMatchObject({
      code: 'MALFORMED_EVENT',
      message: expect.stringContaining('in stream "note-torn" at revision 1'),
    })
    await deadLetterWith(app, 'in stream "note-torn" at revision 1')
  })
})

describe('a payload that JSON cannot carry', () => {
  it.each([
    ['undefined', undefined, 'is undefined'],
    ['a function', () => 1, 'is a function'],
    ['NaN', Number.NaN, 'is NaN'],
    ['a bigint that is not declared', 1n, "fields: { 'text': 'bigint' }"],
    ['a Date that is not declared', new Date(0), "fields: { 'text': 'date' }"],
  ])('such as %s is refused with its path, and nothing is stored', async (_, text, message) => {
    await using app = await createApplication({
      definitions,
      eventStore: 'memory:',
      readModels: 'memory:',
      validator: {
        validate: (target, payload) =>
          Object.assign(Object.create(target.class.prototype as object) as never, payload),
      },
    })
    const writing = app.execute(WriteNote, { noteId: 'a', text })
    await expect(writing).rejects.toMatchObject({ code: 'UNSERIALIZABLE_PAYLOAD', path: 'text' })
    await expect(writing).rejects.toThrow(message)
    await expect(app.load(Note, 'a')).rejects.toMatchObject({ code: 'AGGREGATE_NOT_FOUND' })
  })
})

describe('a document over 16 MB', () => {
  it('makes the event that made it so a dead letter with model and id, and what came before is kept', async () => {
    await using app = await open()
    const text = 'x'.repeat(900_000)
    for (let count = 0; count < 18; count += 1)
      await app.execute(WriteNote, { noteId: 'big', text })
    await app.execute(WriteNote, { noteId: 'big', text })
    await deadLetterWith(app, 'Document "big" of read model "notes"')
    const kept = await app.query(new GetNotes('big'))
    expect(kept?.texts.length).toBeGreaterThan(16)
  })
})

describe('a server', () => {
  it('at a wrong URL is refused with what was expected', async () => {
    await expect(open({ eventStore: 'http://localhost:2113' })).rejects.toMatchObject({
      code: 'INVALID_CONNECTION_STRING',
    })
    await expect(open({ readModels: 'mongodb://localhost:27017' })).rejects.toMatchObject({
      code: 'INVALID_CONNECTION_STRING',
    })
  })

  it('that is down at start is waited for with a message, and given up with one', async () => {
    const proxy = await FaultProxy.start({ port: 1 })
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) }
    const eventStore = `esdb://127.0.0.1:${proxy.port}?tls=false`
    await proxy.close()
    await expect(open({ eventStore, logger })).rejects.toMatchObject({
      code: 'EVENT_STORE_UNAVAILABLE',
      message: expect.stringContaining('Check that the server runs'),
    })
    expect(warnings).toContain(
      `The event store at ${eventStore} does not answer yet; waiting for up to 2 s.`,
    )
  })

  it('that goes away and comes back is used again without anybody doing anything', async () => {
    const esdb = new URL(servers.eventStoreUrl.replace('esdb:', 'http:'))
    const log = await FaultProxy.start({ port: Number(esdb.port) })
    const models = await FaultProxy.start({ port: Number(new URL(servers.mongoUrl).port) })
    const app = await open({
      eventStore: `esdb://127.0.0.1:${log.port}?tls=false`,
      readModels: mongoUrl('goes_away', models.port),
    })
    await app.execute(WriteNote, { noteId: 'back', text: 1 })
    log.refuse()
    models.refuse()
    const during = app
      .execute(WriteNote, { noteId: 'back', text: 2 })
      .catch((error: unknown) => error)
    log.heal()
    models.heal()
    await during
    await vi.waitFor(
      async () => {
        const done = await app.execute(WriteNote, { noteId: 'back', text: 3 })
        const notes = await app.query(new GetNotes('back'), { after: done })
        expect(notes?.texts.at(-1)).toBe(3)
      },
      { timeout: 30_000, interval: 100 },
    )
    await app.close()
    await log.close()
    await models.close()
  })

  it('of nobody in production is a clear error', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(createApplication({ definitions })).rejects.toMatchObject({
      code: 'MISSING_CONNECTION',
      options: ['eventStore', 'readModels'],
    })
    vi.unstubAllEnvs()
  })
})

describe('unknown messages', () => {
  it('are refused with their name and what is known', async () => {
    await using app = await createApplication({
      definitions,
      eventStore: 'memory:',
      readModels: 'memory:',
    })
    class Shred {}
    class GetShreds extends Query<null> {}
    await expect(app.execute(Shred, {})).rejects.toThrow(
      /No aggregate handles command Shred.*note\.write/,
    )
    await expect(app.query(new GetShreds())).rejects.toThrow(
      /No handler answers query GetShreds.*GetNotes/,
    )
  })

  it('are refused where an import was undefined, also aggregates', async () => {
    const plain = defineAggregate('plain', { initial: () => ({}), decide: [], evolve: [] })
    await using app = await createApplication({
      definitions: [...definitions, plain],
      eventStore: 'memory:',
      readModels: 'memory:',
    })
    await expect(app.load(undefined as never, 'x')).rejects.toThrow(
      'undefined is no aggregate of this application.',
    )
    await expect(app.execute(undefined as never, {})).rejects.toThrow('which is no command')
    await expect(app.query(undefined as never)).rejects.toThrow('which is no instance of a query')
  })
})
