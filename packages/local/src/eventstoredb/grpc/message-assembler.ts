import { GrpcError, GrpcStatus } from './grpc-status.ts'

/** Bytes before every gRPC message: a compression flag and a big-endian length. */
export const FRAME_PREFIX_BYTES = 5

/** Largest message the server takes, as EventStoreDB caps it. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024 - 10_000

/** Cuts the bytes of one HTTP/2 stream into gRPC messages, without copying what arrived whole. */
export class MessageAssembler {
  #chunks: Buffer[] = []
  #available = 0
  #needed = FRAME_PREFIX_BYTES

  /**
   * Takes the next bytes and passes on every message they complete.
   *
   * @throws {GrpcError} The message is compressed or too large.
   */
  push(chunk: Buffer, deliver: (message: Buffer) => void): void {
    this.#chunks.push(chunk)
    this.#available += chunk.length
    while (this.#available >= this.#needed) {
      const bytes = this.#joined()
      const length = checkedLength(bytes)
      const end = FRAME_PREFIX_BYTES + length
      if (bytes.length < end) {
        this.#needed = end
        return
      }
      this.#keep(bytes.subarray(end))
      deliver(bytes.subarray(FRAME_PREFIX_BYTES, end))
    }
  }

  #joined(): Buffer {
    const [first] = this.#chunks
    if (first && this.#chunks.length === 1) return first
    const joined = Buffer.concat(this.#chunks, this.#available)
    this.#chunks = [joined]
    return joined
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#available = rest.length
    this.#needed = FRAME_PREFIX_BYTES
  }
}

function checkedLength(bytes: Buffer): number {
  if (bytes[0] !== 0) {
    throw new GrpcError(GrpcStatus.unimplemented, 'Compressed messages are not supported.')
  }
  const length = bytes.readUInt32BE(1)
  if (length > MAX_MESSAGE_BYTES) {
    throw new GrpcError(
      GrpcStatus.resourceExhausted,
      'Received message exceeds the maximum configured message size.',
    )
  }
  return length
}
