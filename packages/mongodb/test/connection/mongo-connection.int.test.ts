import { ReadModelStoreUnavailableError } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { ExactlyOnceUnavailableError, MongoReadModelStore } from '../../src/index.ts'
import { WarningLog } from '../read-models.ts'
import { startServer } from '../server.ts'

describe('a standalone server', () => {
  it('is refused where exactly-once is required', async () => {
    const server = await startServer('idempotent')
    if (!server.isStandalone) return server.stop()
    const store = new MongoReadModelStore({ url: server.freshUrl(), require: 'exactly-once' })
    await expect(store.level()).rejects.toThrow(ExactlyOnceUnavailableError)
    await store.close()
    await server.stop()
  })
})

describe('a server that is not there', () => {
  it('is reported with its address, without credentials', async () => {
    const log = new WarningLog()
    const store = new MongoReadModelStore({
      url: 'mongodb://ann:secret@127.0.0.1:1/bank?serverSelectionTimeoutMS=100',
      logger: log,
    })
    const level = store.level()
    await expect(level).rejects.toThrow(ReadModelStoreUnavailableError)
    await expect(level).rejects.toMatchObject({ address: 'mongodb://127.0.0.1:1/bank' })
    expect(log.warnings).toHaveLength(2)
    await store.close()
  })
})
