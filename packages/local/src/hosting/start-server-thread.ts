import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DataFileInUseError, StorageFailedError } from '../storage/storage-errors.ts'
import type { LocalServers, LocalServersOptions } from './host-servers.ts'

/** What the thread tells its owner. */
export type ThreadMessage =
  | { readonly kind: 'ready'; readonly eventStoreUrl: string; readonly mongoUrl: string }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly code: string | undefined
      readonly path: string | undefined
    }
  | { readonly kind: 'closed' }

// Workers run compiled files only, also where this package itself runs from source.
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/hosting/server-thread.js' : './server-thread.js',
  import.meta.url,
)

/**
 * Runs both development servers in a thread of their own, so that they never wait for the application.
 *
 * @throws {DataFileInUseError} Another process has the data file open.
 */
export async function startServerThread(options: LocalServersOptions = {}): Promise<LocalServers> {
  const worker = new Worker(entry, { workerData: options })
  const [message] = (await once(worker, 'message')) as [ThreadMessage]
  if (message.kind !== 'ready') {
    await worker.terminate()
    throw failureOf(message)
  }
  const { eventStoreUrl, mongoUrl } = message
  return {
    eventStoreUrl,
    mongoUrl,
    close: async () => {
      const exited = once(worker, 'exit')
      worker.postMessage('close')
      await exited
    },
  }
}

function failureOf(message: Exclude<ThreadMessage, { kind: 'ready' }>): Error {
  const path = message.kind === 'failed' ? (message.path ?? '') : ''
  if (message.kind === 'failed' && message.code === 'LOCAL_DATA_FILE_IN_USE')
    return new DataFileInUseError(path)
  return new StorageFailedError(path, {
    cause: new Error(message.kind === 'failed' ? message.message : 'the thread closed early'),
  })
}
