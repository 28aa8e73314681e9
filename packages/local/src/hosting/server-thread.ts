import { parentPort, workerData } from 'node:worker_threads'
import { hostServers, type LocalServersOptions } from './host-servers.ts'
import type { ThreadMessage } from './start-server-thread.ts'

// The entry of the worker thread: hosts the servers until told to stop.
const port = parentPort
if (port) {
  const send = (message: ThreadMessage): void => port.postMessage(message)
  try {
    const servers = await hostServers(workerData as LocalServersOptions)
    const { eventStoreUrl, mongoUrl } = servers
    port.once('message', () => {
      void servers.close().then(() => {
        send({ kind: 'closed' })
        port.close()
      })
    })
    send({ kind: 'ready', eventStoreUrl, mongoUrl })
  } catch (error) {
    const { message, code } = error as { message: string; code?: string }
    send({ kind: 'failed', message, code, path: (error as { path?: string }).path })
    port.close()
  }
}
