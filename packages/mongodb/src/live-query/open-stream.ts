import type { ChangeStream } from 'mongodb'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { type ChangeEvent, changePipeline } from './change-events.ts'

/** What is being done, for messages. */
export const watchOperation = 'watch read models'

/** A change stream that the server has opened. */
export interface OpenStream {
  readonly stream: ChangeStream<ChangeEvent, ChangeEvent>
  /** What it gives first; to be awaited before anything else is asked for. */
  readonly first: Promise<ChangeEvent>
}

/**
 * Opens a change stream, and is fulfilled once it is open on the server: every later change is in it.
 *
 * @param resumeAfter Token of a stream that broke. Default: from now on.
 * @throws {ReadModelStoreUnavailableError} The server did not answer.
 * @throws {ReadModelStoreRejectedError} The server has no change streams, or does not know the token any more.
 */
export function openStream(
  connection: MongoConnection,
  collections: Iterable<string>,
  resumeAfter?: unknown,
): Promise<OpenStream> {
  return connection.run(watchOperation, async () => {
    const stream = connection.database.watch<ChangeEvent, ChangeEvent>(
      changePipeline(collections),
      // `_meta` has positions, which a double does not hold.
      { useBigInt64: true, ...(resumeAfter !== undefined && { resumeAfter }) },
    )
    // The driver asks the server with the first read, and has a token as soon as the server has answered.
    const answered = new Promise<void>((resolve) => {
      stream.once('resumeTokenChanged', () => resolve())
    })
    const first = stream.next()
    try {
      await Promise.race([answered, first])
    } catch (error) {
      await stream.close().catch(() => undefined)
      throw error
    }
    // Its failure is met by whoever reads on.
    first.catch(() => undefined)
    return { stream, first }
  })
}
