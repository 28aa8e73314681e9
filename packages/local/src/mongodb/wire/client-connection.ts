import type { Socket } from 'node:net'
import type { EncodableDocument } from '../bson/encode.ts'
import { ServerError } from '../errors/server-error.ts'
import { encodeReply, parseMessage, type CommandRequest } from './message.ts'

const MAX_MESSAGE_SIZE = 48_000_000

/** What a command answers: a document, or the wish to cut the connection. */
export type CommandOutcome =
  | {
      readonly reply: EncodableDocument
      /** Answer again without being asked. */ readonly stream?: boolean
    }
  | 'close'

/** Runs one command of a connection. */
export type CommandRunner = (
  request: CommandRequest,
  connection: ClientConnection,
) => Promise<CommandOutcome>

let lastConnectionId = 0

/** One client connection: cuts the stream into messages and answers them one after the other. */
export class ClientConnection {
  readonly id = ++lastConnectionId
  /** Application name of the handshake. */
  appName: string | undefined
  readonly #run: CommandRunner
  readonly #closed = new AbortController()
  #chunks: Buffer[] = []
  #buffered = 0
  #queue: Promise<void> = Promise.resolve()

  constructor(
    readonly socket: Socket,
    run: CommandRunner,
  ) {
    this.#run = run
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed.abort())
  }

  /** Aborted when the client is gone. */
  get signal(): AbortSignal {
    return this.#closed.signal
  }

  close(): void {
    this.socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    for (;;) {
      const size = this.#nextSize()
      if (size === undefined) return
      if (size < 16 || size > MAX_MESSAGE_SIZE + 16_384) {
        this.close()
        return
      }
      if (this.#buffered < size) return
      const message = this.#take(size)
      this.#queue = this.#queue.then(() => this.#answer(message)).catch(() => this.close())
    }
  }

  #nextSize(): number | undefined {
    if (this.#buffered < 4) return undefined
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]?.readInt32LE(0)
  }

  #take(size: number): Buffer {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#buffered -= size
    this.#chunks = this.#buffered > 0 ? [all.subarray(size)] : []
    return all.subarray(0, size)
  }

  async #answer(message: Buffer): Promise<void> {
    if (this.signal.aborted) return
    let responseTo = message.readInt32LE(4)
    for (;;) {
      const request = parseMessage(message)
      const outcome = await this.#run(request, this)
      if (outcome === 'close') {
        this.close()
        return
      }
      if (request.noReply) return
      const again = outcome.stream === true && request.exhaustAllowed
      const encoded = encodeReply(request.legacy, responseTo, outcome.reply, again)
      await this.#send(encoded.bytes)
      if (!again) return
      responseTo = encoded.requestId
    }
  }

  async #send(bytes: Buffer): Promise<void> {
    if (this.socket.write(bytes)) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.socket.off('drain', done)
        this.socket.off('close', done)
        resolve()
      }
      this.socket.once('drain', done)
      this.socket.once('close', done)
    })
    if (this.signal.aborted) throw new ServerError('HostUnreachable', 'The client is gone')
  }
}
