import type { EventEmitter } from 'node:events'

type Listener = (...values: unknown[]) => void

/** What is used of the stream that carries every append of one client. */
export interface BatchStream extends EventEmitter {
  write(message: unknown): boolean
}

/**
 * Makes the stream under the client's batch appends safe to lose.
 *
 * Four things in `@eventstore/db-client` 6.2.1 would end the process, or fail or forget appends:
 * - a failure of this stream rejects the appends of every client in the process, not only its own;
 * - an answer that comes after such a failure throws inside a `data` listener;
 * - a write that waits for `drain` when the stream fails is rejected with nobody listening. Without
 *   backpressure there is no such wait; how much is under way is limited by the adapter instead;
 * - a server that completes the call leaves it half open, and every later append would go nowhere.
 *
 * `@kurrent/kurrentdb-client` 1.3.1 has mended the first two, and guarding against them changes nothing there:
 * the appends are failed by `onLost` instead of by itself. The other two are as they were.
 *
 * @param onLost Called when the stream fails: none of its appends will be answered.
 */
export function guardBatchStream(stream: BatchStream, onLost: (failure: Error) => void): void {
  stream.removeAllListeners('error')
  stream.on('error', onLost)
  const deliver = stream.listeners('data') as Listener[]
  stream.removeAllListeners('data')
  stream.on('data', (answer: unknown) => {
    try {
      for (const listener of deliver) listener(answer)
    } catch {
      // Nobody waits for this answer any more: its append was already told that the connection failed.
    }
  })
  const write = stream.write.bind(stream)
  stream.write = (message) => {
    write(message)
    return true
  }
  stream.on('status', (status: { readonly code: number }) => {
    if (status.code === 0) stream.emit('error', endedByServer())
  })
}

function endedByServer(): Error {
  const details = 'The server ended the stream of appends'
  return Object.assign(new Error(details), { code: 14, details })
}
