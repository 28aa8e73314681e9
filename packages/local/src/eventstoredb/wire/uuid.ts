import { GrpcError, GrpcStatus } from '../grpc/grpc-status.ts'
import { delimited, readMessage, type Writer } from './protobuf.ts'

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Reads a `UUID` message, as text or as two 64-bit halves.
 *
 * @returns Lower-case text.
 * @throws {GrpcError} The text is not a UUID.
 */
export function readUuid(bytes: Uint8Array): string {
  let id = '00000000-0000-0000-0000-000000000000'
  readMessage(bytes, (field, reader) => {
    if (field === 2) id = reader.string().toLowerCase()
    else if (field === 1) id = fromHalves(reader.bytes())
    else return false
    return true
  })
  if (!TEXT.test(id)) {
    throw new GrpcError(
      GrpcStatus.unknown,
      `"${id}" is not a UUID. Expected 8-4-4-4-12 hex digits.`,
    )
  }
  return id
}

/** Writes a UUID as the two 64-bit halves that clients in other languages ask for. */
export function writeStructuredUuid(writer: Writer, field: number, id: string): void {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  delimited(writer, field).fork()
  delimited(writer, 1).fork()
  writer.uint32(1 << 3).int64(half(bytes, 0))
  writer.uint32(2 << 3).int64(half(bytes, 8))
  writer.ldelim().ldelim()
}

function half(bytes: Buffer, offset: number): Int64 {
  return { high: bytes.readInt32BE(offset), low: bytes.readInt32BE(offset + 4), unsigned: false }
}

type Int64 = Parameters<Writer['int64']>[0]

function fromHalves(bytes: Uint8Array): string {
  const halves = ['0'.repeat(16), '0'.repeat(16)]
  readMessage(bytes, (field, reader) => {
    if (field !== 1 && field !== 2) return false
    halves[field - 1] = hex(readVarint64(reader))
    return true
  })
  const digits = halves.join('')
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-')
}

function readVarint64(reader: { buf: Uint8Array; pos: number }): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.buf[reader.pos++] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, '0')
}
