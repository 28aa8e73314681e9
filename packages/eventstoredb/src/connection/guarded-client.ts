import type { Client, ClientDriver, ClientExpectation } from '../client-library/client-driver.ts'
import type { JsonEvent } from '../append/json-event.ts'
import type { ClientRead } from '../read/read-call.ts'
import { noAnswer } from '../failure/time-limit.ts'
import { UnsupportedClientError } from '../eventstoredb-errors.ts'
import { type BatchStream, guardBatchStream } from './guard-batch-stream.ts'

type AppendArguments = Parameters<Client['appendToStream']>
/** What the client says of an append that was recorded. */
export type AppendAnswer = Awaited<ReturnType<Client['appendToStream']>>
type ReadStreamArguments = Parameters<Client['readStream']>
type ReadAllArguments = Parameters<Client['readAll']>

const longestFarewellMs = 2000

/** What is replaced inside the client: protected in its types, the same in both packages. */
interface Internals {
  handleError: (service: unknown, failure: Error) => Promise<void>
  GRPCStreamCreator: (
    Service: unknown,
    name: string,
    create: (service: unknown) => unknown,
    cache?: WeakMap<object, unknown>,
  ) => () => Promise<unknown>
  getChannel: () => Promise<{ close(): void }>
}

/** What an append is sent with. */
export interface AppendCall {
  readonly events: readonly JsonEvent[]
  readonly expected: ClientExpectation
  /** What the server is told, in milliseconds. */
  readonly deadline: number
  /** Longest wait for the answer, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * The client, made safe to lose a connection with, and closable.
 *
 * @see guardBatchStream for what could go wrong on the append side
 */
export class GuardedClient {
  /** The calls that need no guard, and are the same in both client packages. */
  readonly calls: Client
  readonly #driver: ClientDriver
  #channel: ReturnType<Internals['getChannel']> | undefined
  #isClosed = false
  readonly #failAppends = new Set<(failure: Error) => void>()

  /** @throws {UnsupportedClientError} The client has not what is guarded. */
  constructor(driver: ClientDriver, client: Client) {
    this.#driver = driver
    this.calls = client
    const internals = client as unknown as Internals
    const { handleError, GRPCStreamCreator, getChannel } = internals
    for (const found of [handleError, GRPCStreamCreator, getChannel] as unknown[])
      if (typeof found !== 'function') throw new UnsupportedClientError(driver.package)
    // The client does not await this, and it fails when a discovery under way fails.
    internals.handleError = (service, failure) =>
      handleError(service, failure).catch(() => undefined)
    // Only the stream of batch appends is kept in a cache.
    internals.GRPCStreamCreator = (Service, name, create, cache) =>
      GRPCStreamCreator(
        Service,
        name,
        async (service) => {
          const stream = await create(service)
          if (cache) guardBatchStream(stream as BatchStream, this.#onAppendsLost)
          return stream
        },
        cache,
      )
    internals.getChannel = () => (this.#channel = getChannel())
  }

  /** Whether this client was closed: then a read that seems to have ended may have been cut short. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Appends; fails with an unknown outcome as soon as the connection is lost, or when time is up: the client itself
   * waits for ever where the server is silent.
   */
  append(
    stream: string,
    { events, expected, deadline, timeoutMs }: AppendCall,
  ): Promise<AppendAnswer> {
    const options = { ...this.#driver.expecting(expected), deadline } as AppendArguments[2]
    // One promise for all ends: this is the path every event takes.
    return new Promise<AppendAnswer>((resolve, reject) => {
      const fail = (failure: Error): void => {
        over()
        reject(failure)
      }
      const timer = setTimeout(() => fail(noAnswer(timeoutMs)), timeoutMs)
      const over = (): void => {
        clearTimeout(timer)
        this.#failAppends.delete(fail)
      }
      this.#failAppends.add(fail)
      this.calls
        .appendToStream(stream, events as unknown as AppendArguments[1], options)
        .then((answer) => {
          over()
          resolve(answer)
        }, fail)
    })
  }

  readStream(...call: ReadStreamArguments): ClientRead {
    return this.#driver.reading(this.calls.readStream(...call))
  }

  readAll(...call: ReadAllArguments): ClientRead {
    return this.#driver.reading(this.calls.readAll(...call))
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
    await Promise.race([this.calls.dispose(), deadline])
    clearTimeout(timer)
    this.#channel?.then(
      (channel) => channel.close(),
      () => undefined,
    )
  }

  readonly #onAppendsLost = (failure: Error): void => {
    const error = this.#driver.convertFailure(failure)
    for (const fail of this.#failAppends) fail(error)
  }
}
