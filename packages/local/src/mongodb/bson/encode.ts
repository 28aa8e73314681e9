import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson'
import { ByteWriter } from './byte-writer.ts'
import { RawDocument } from './raw-document.ts'
import type { BsonDocument, BsonValue } from './value.ts'

/** What can be encoded: values, and documents that are bytes already. `undefined` fields are left out. */
export type Encodable = BsonValue | RawDocument | EncodableDocument | readonly Encodable[]

/** A document to encode, for example a reply. */
export interface EncodableDocument {
  [field: string]: Encodable | undefined
}

/** Encodes one document. */
export function encodeDocument(document: EncodableDocument | BsonDocument): Buffer {
  const writer = new ByteWriter()
  writeDocument(writer, document)
  return writer.finish()
}

/** Writes a document at the writer's position. */
export function writeDocument(writer: ByteWriter, document: object): void {
  const start = writer.reserve(4)
  for (const name of Object.keys(document)) {
    const value = (document as EncodableDocument)[name]
    if (value !== undefined) writeElement(writer, name, value)
  }
  writer.byte(0)
  writer.patchInt32(start, writer.length - start)
}

function writeElement(writer: ByteWriter, name: string, value: Encodable): void {
  // The type byte is known only once the value is written.
  const typeAt = writer.reserve(1)
  writer.cstring(name)
  writer.patchByte(typeAt, writeValue(writer, value))
}

function writeValue(writer: ByteWriter, value: Encodable): number {
  switch (typeof value) {
    case 'number':
      writer.int32(value)
      return 16
    case 'string':
      writer.string(value)
      return 2
    case 'boolean':
      writer.byte(value ? 1 : 0)
      return 8
    case 'bigint':
      writer.int64(value)
      return 18
    default:
      return writeObject(writer, value)
  }
}

function writeObject(writer: ByteWriter, value: object | null): number {
  if (value === null) return 10
  if (Object.getPrototypeOf(value) === Object.prototype) {
    writeDocument(writer, value)
    return 3
  }
  if (Array.isArray(value)) return writeArray(writer, value as Encodable[])
  if (value instanceof Double) {
    writer.double(value.value)
    return 1
  }
  if (value instanceof RawDocument) {
    writer.bytes(value.bytes)
    return 3
  }
  if (value instanceof ObjectId) {
    writer.bytes(value.id)
    return 7
  }
  if (value instanceof Date) {
    writer.int64(BigInt(value.getTime()))
    return 9
  }
  return writeRareValue(writer, value)
}

function writeArray(writer: ByteWriter, items: Encodable[]): number {
  const start = writer.reserve(4)
  for (let index = 0; index < items.length; index += 1) {
    writeElement(writer, String(index), items[index] ?? null)
  }
  writer.byte(0)
  writer.patchInt32(start, writer.length - start)
  return 4
}

function writeRareValue(writer: ByteWriter, value: object): number {
  if (value instanceof Binary) return writeBinary(writer, value)
  if (value instanceof Timestamp) {
    writer.int32(value.i | 0)
    writer.int32(value.t | 0)
    return 17
  }
  if (value instanceof Decimal128) {
    writer.bytes(value.bytes)
    return 19
  }
  if (value instanceof BSONRegExp) {
    writer.cstring(value.pattern)
    writer.cstring(value.options)
    return 11
  }
  if (value instanceof BSONSymbol) {
    writer.string(value.value)
    return 14
  }
  if (value instanceof Code) return writeCode(writer, value)
  if (value instanceof MinKey) return 255
  if (value instanceof MaxKey) return 127
  writeDocument(writer, value)
  return 3
}

function writeBinary(writer: ByteWriter, value: Binary): number {
  const old = value.sub_type === 2
  writer.int32(value.position + (old ? 4 : 0))
  writer.byte(value.sub_type)
  if (old) writer.int32(value.position)
  writer.bytes(value.buffer.subarray(0, value.position))
  return 5
}

function writeCode(writer: ByteWriter, value: Code): number {
  if (!value.scope) {
    writer.string(value.code)
    return 13
  }
  const start = writer.reserve(4)
  writer.string(value.code)
  writeDocument(writer, value.scope)
  writer.patchInt32(start, writer.length - start)
  return 15
}
