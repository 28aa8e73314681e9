import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type GrpcError, statusHeaders } from './grpc-status.ts'
import { MessageAssembler } from './message-assembler.ts'

/** What a service does with one call. The call fails with what it throws; it does not end by itself. */
export type GrpcHandler = (call: GrpcCall) => void | Promise<void>

/** The handlers of a server by request path, `/package.Service/Method`. */
export type GrpcHandlers = ReadonlyMap<string, GrpcHandler>

/** One gRPC call on one HTTP/2 stream: messages in, framed messages out, one status at the end. */
export class GrpcCall {
  readonly #stream: ServerHttp2Stream
  readonly #assembler = new MessageAssembler()
  #deliver: (message: Buffer) => void = () => undefined
  #unsent: Buffer[] = []
  #ended = false
  #responded = false

  constructor(
    stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    failed: (reason: unknown) => void,
  ) {
    this.#stream = stream
    stream.on('error', () => {
      this.#ended = true
    })
    stream.on('close', () => {
      this.#ended = true
    })
    stream.on('data', (chunk: Buffer) => {
      try {
        this.#assembler.push(chunk, (message) => {
          if (!this.ended) this.#deliver(message)
        })
      } catch (reason) {
        failed(reason)
      }
    })
    stream.pause()
  }

  /** Address and port of the client. */
  get peer(): string {
    const { remoteAddress = '', remotePort = 0 } = this.#stream.session?.socket ?? {}
    return `${remoteAddress}:${remotePort}`
  }

  /** True once a status was sent or the client went away. */
  get ended(): boolean {
    // A reset stream refuses writes before it says that it is closed.
    return this.#ended || this.#stream.destroyed || this.#stream.closed
  }

  /** Starts reading requests. Several calls of `message` may follow each other in one turn. */
  receive(message: (bytes: Buffer) => void, done: () => void = () => undefined): void {
    this.#deliver = message
    this.#stream.on('end', () => {
      if (!this.ended) done()
    })
    this.#stream.resume()
  }

  /** Runs `listener` once, when the call is over for whatever reason. */
  onClosed(listener: () => void): void {
    if (this.#stream.closed) listener()
    else this.#stream.once('close', listener)
  }

  /** Stops taking requests until {@link resume}: the client is held back by HTTP/2 flow control. */
  pause(): void {
    this.#stream.pause()
  }

  /** Takes requests again. */
  resume(): void {
    this.#stream.resume()
  }

  /** Queues a framed message; everything queued in one turn leaves in one write. */
  send(frame: Buffer): void {
    if (this.#unsent.push(frame) === 1) {
      process.nextTick(() => {
        if (this.#unsent.length > 0) this.#push(this.#takeUnsent())
      })
    }
  }

  /**
   * Writes framed messages and waits until the client has room for more.
   *
   * @returns False when the call is over and nothing more is worth reading.
   */
  async write(frames: Buffer): Promise<boolean> {
    const room = this.#push(this.#unsent.length > 0 ? this.#takeUnsent(frames) : frames)
    if (!room && !this.ended) await this.#drained()
    return !this.ended
  }

  /** Ends the call with status OK, or with the error. Later calls do nothing. */
  end(error?: GrpcError): void {
    if (this.ended) return
    if (this.#unsent.length > 0) this.#push(this.#takeUnsent())
    this.#ended = true
    const status = statusHeaders(error)
    if (this.#responded) {
      this.#stream.once('wantTrailers', () => {
        if (!this.#stream.destroyed) this.#stream.sendTrailers(status)
      })
      this.#stream.end()
    } else {
      this.#stream.respond({ ...RESPONSE_HEADERS, ...status }, { endStream: true })
    }
    // What the client still sends is read and dropped, so that the stream can close.
    this.#stream.resume()
  }

  #push(frames: Buffer): boolean {
    if (this.ended) return true
    if (!this.#responded) {
      this.#responded = true
      this.#stream.respond(RESPONSE_HEADERS, { waitForTrailers: true })
    }
    return this.#stream.write(frames)
  }

  #takeUnsent(more?: Buffer): Buffer {
    const frames = more ? [...this.#unsent, more] : this.#unsent
    this.#unsent = []
    const [only] = frames
    return only && frames.length === 1 ? only : Buffer.concat(frames)
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done)
        this.#stream.off('close', done)
        resolve()
      }
      this.#stream.once('drain', done)
      this.#stream.once('close', done)
    })
  }
}

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc' }
