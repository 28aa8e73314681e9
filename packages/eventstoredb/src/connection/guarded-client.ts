import { convertToCommandError, EventStoreDBClient } from '@eventstore/db-client'
import { type BatchStream, guardBatchStream } from './guard-batch-stream.ts'

type ClientArguments = ConstructorParameters<typeof EventStoreDBClient>
type AppendArguments = Parameters<EventStoreDBClient['appendToStream']>
type AppendAnswer = Awaited<ReturnType<EventStoreDBClient['appendToStream']>>
type Channel = Awaited<ReturnType<GuardedClient['getChannel']>>

const longestFarewellMs = 2000

/**
 * The client, made safe to lose a connection with, and closable.
 *
 * @see guardBatchStream for what could go wrong on the append side
 */
export class GuardedClient extends EventStoreDBClient {
  #channel: Promise<Channel> | undefined
  #isClosed = false
  readonly #failAppends = new Set<(failure: Error) => void>()

  constructor(...[connection, channel, credentials]: ClientArguments) {
    super(connection, channel, credentials)
    const { handleError, GRPCStreamCreator, getChannel } = this
    // The client does not await this, and it fails when a discovery under way fails.
    this.handleError = (client, error) => handleError(client, error).catch(() => undefined)
    // Only the stream of batch appends is kept in a cache.
    this.GRPCStreamCreator = (Client, name, create, cache) =>
      GRPCStreamCreator(
        Client,
        name,
        async (client) => {
          const stream = await create(client)
          if (cache) guardBatchStream(stream as unknown as BatchStream, this.#onAppendsLost)
          return stream
        },
        cache,
      )
    this.getChannel = () => (this.#channel = getChannel())
  }

  /** Whether this client was closed: then a read that seems to have ended may have been cut short. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Appends; fails as soon as the connection is lost, with an unknown outcome. */
  append(...call: AppendArguments): Promise<AppendAnswer> {
    return new Promise<AppendAnswer>((resolve, reject) => {
      this.#failAppends.add(reject)
      const settle = <T>(settled: (outcome: T) => void) => {
        return (outcome: T): void => {
          this.#failAppends.delete(reject)
          settled(outcome)
        }
      }
      this.appendToStream(...call).then(settle(resolve), settle(reject))
    })
  }

  /** Cancels what is under way and closes the connection. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, longestFarewellMs)
    })
    // A call whose channel is still being discovered ends only with the discovery.
    await Promise.race([this.dispose(), deadline])
    clearTimeout(timer)
    this.#channel?.then(
      (channel) => channel.close(),
      () => undefined,
    )
  }

  readonly #onAppendsLost = (failure: Error): void => {
    const error = convertToCommandError(failure)
    for (const fail of this.#failAppends) fail(error)
    this.#failAppends.clear()
  }
}
