import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EventStoreDBServer,
  startEventStoreDBServer,
} from '../../packages/local/src/eventstoredb/eventstoredb-server.ts'
import { LocalStorage } from '../../packages/local/src/storage/local-storage.ts'
import { openConformanceSession } from './eventstoredb/questions.mjs'

const { answers } = JSON.parse(
  readFileSync(new URL('eventstoredb/answers-24.6.json', import.meta.url), 'utf8'),
) as { answers: Record<string, unknown> }

describe('the local EventStoreDB server answers as EventStoreDB 24.6.0', () => {
  let storage: LocalStorage
  let server: EventStoreDBServer
  let session: ReturnType<typeof openConformanceSession>

  beforeAll(async () => {
    storage = LocalStorage.open(':memory:')
    server = await startEventStoreDBServer(storage)
    session = openConformanceSession(process.env['VARVE_EVENTSTOREDB_URL'] ?? server.url)
  })
  afterAll(async () => {
    await session.close()
    await server.close()
    storage.close()
  })

  it('is asked every question there is an answer to', () => {
    expect([...session.questions.keys()].sort()).toEqual(Object.keys(answers).sort())
  })

  it.each(Object.keys(answers))('%s', async (name) => {
    expect(await session.ask(name)).toEqual(answers[name])
  })
})
