import { decodeDocument, decodeValue } from '../bson/decode.ts'
import { equalValues } from '../bson/compare.ts'
import { encodeDocument } from '../bson/encode.ts'
import { rawElements, startsWithId } from '../bson/raw-document.ts'
import { printValue } from '../bson/print-value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { StoredDocument } from '../store/document-rows.ts'
import { idOf } from '../store/document-writer.ts'
import { prepareDocument } from '../store/prepare-document.ts'

/**
 * The bytes a replacement leaves in place of a document: the `_id` stays and comes first.
 *
 * @throws {ServerError} The replacement has another `_id`.
 */
export function replacementBytes(replacement: Buffer, stored: StoredDocument, now: bigint): Buffer {
  const id = idOf(stored.bytes)
  for (const element of rawElements(replacement)) {
    if (element.name !== '_id') continue
    const given = decodeValue(replacement, element.type, element.at)
    if (equalValues(given, id)) return prepareDocument(replacement, now).bytes
    throw new ServerError(
      'ImmutableField',
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${printValue(given)}`,
    )
  }
  return withIdOf(replacement, stored, now)
}

function withIdOf(replacement: Buffer, stored: StoredDocument, now: bigint): Buffer {
  for (const element of rawElements(replacement)) {
    const isEmptyTimestamp = element.type === 17 && replacement.readBigUInt64LE(element.at) === 0n
    if (isEmptyTimestamp) {
      return prepareDocument(
        encodeDocument({ _id: idOf(stored.bytes), ...decodeDocument(replacement) }),
        now,
      ).bytes
    }
  }
  if (!startsWithId(stored.bytes)) return replacement
  const [first] = rawElements(stored.bytes)
  const idElement = stored.bytes.subarray(4, first?.end ?? 4)
  const bytes = Buffer.concat([Buffer.alloc(4), idElement, replacement.subarray(4)])
  bytes.writeInt32LE(bytes.length, 0)
  return bytes
}
