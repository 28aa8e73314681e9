import { type DeadLetter, DeadLetterTooLargeError } from '@varve/core'
import { maxDocumentBytes } from '../read-model/read-model-row.ts'

/**
 * Copies letters that come in.
 *
 * @throws {DeadLetterTooLargeError} An event is over the limit of MongoDB, which is kept here too.
 */
export function copyLetters(letters: readonly DeadLetter[]): readonly DeadLetter[] {
  for (const { queue, event } of letters) {
    const bytes = bytesOf(event.data) + bytesOf(event.metadata)
    if (bytes <= maxDocumentBytes) continue
    throw new DeadLetterTooLargeError(queue, event.position, bytes, maxDocumentBytes)
  }
  return structuredClone(letters)
}

function bytesOf(part: unknown): number {
  if (part instanceof Uint8Array) return part.byteLength
  return part === undefined ? 0 : Buffer.byteLength(JSON.stringify(part))
}
