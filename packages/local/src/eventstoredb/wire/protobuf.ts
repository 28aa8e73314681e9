import protobuf from 'protobufjs/minimal.js'
import { FRAME_PREFIX_BYTES } from '../grpc/message-assembler.ts'

/** Reads one protobuf value after the other. */
export type Reader = protobuf.Reader
/** Writes one protobuf value after the other. */
export type Writer = protobuf.Writer

/** Largest 64-bit integer this server tells apart from "the end"; positions and revisions stay below. */
export const MAX_NUMBER = Number.MAX_SAFE_INTEGER

const LENGTH_DELIMITED = 2

/**
 * Visits every field of a message.
 *
 * @param visit Reads the value of the field, or returns false to skip it.
 */
export function readMessage(
  bytes: Uint8Array,
  visit: (field: number, reader: Reader) => unknown,
): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (visit(tag >>> 3, reader) === false) reader.skipType(tag & 7)
  }
}

/** Reads a 64-bit integer; what does not fit a number becomes {@link MAX_NUMBER}. */
export function readNumber(reader: Reader): number {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.buf[reader.pos++] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return Math.min(value, MAX_NUMBER)
  }
}

/** Starts a message. */
export function message(): Writer {
  return protobuf.Writer.create()
}

/** Starts a gRPC frame: the message goes behind a prefix that {@link framed} fills in. */
export function frame(): Writer {
  return protobuf.Writer.create().uint32(0).fixed32(0)
}

/** Ends what {@link frame} started. */
export function framed(writer: Writer): Buffer {
  const bytes = writer.finish() as Buffer
  bytes.writeUInt32BE(bytes.length - FRAME_PREFIX_BYTES, 1)
  return bytes
}

/** Writes the tag of a string, bytes or message field. */
export function delimited(writer: Writer, field: number): Writer {
  return writer.uint32((field << 3) | LENGTH_DELIMITED)
}

/** Writes a sub-message with what `write` puts into it. */
export function nested(writer: Writer, field: number, write?: (inner: Writer) => void): Writer {
  delimited(writer, field).fork()
  write?.(writer)
  return writer.ldelim()
}

/** Writes a varint field; zero is left out, as proto3 does. */
export function varint(writer: Writer, field: number, value: number): Writer {
  return value === 0 ? writer : varintAlways(writer, field, value)
}

/** Writes a varint field of a oneof, where zero counts as present. */
export function varintAlways(writer: Writer, field: number, value: number): Writer {
  writer.uint32(field << 3)
  return value < 0 ? writer.int64(value) : writer.uint64(value)
}

/** Writes a string field. */
export function text(writer: Writer, field: number, value: string): Writer {
  return value === '' ? writer : delimited(writer, field).string(value)
}

/** Writes a stream name as `StreamIdentifier`. */
export function streamIdentifier(writer: Writer, field: number, name: string): Writer {
  return nested(writer, field, (inner) => delimited(inner, 3).string(name))
}

/** Reads a `StreamIdentifier`. */
export function readStreamIdentifier(bytes: Uint8Array): string {
  let name = ''
  readMessage(bytes, (field, reader) => {
    if (field !== 3) return false
    name = Buffer.from(reader.bytes()).toString('utf8')
    return true
  })
  return name
}
