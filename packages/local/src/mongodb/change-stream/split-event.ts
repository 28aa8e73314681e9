import { encodeDocument } from '../bson/encode.ts'
import type { BsonDocument } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { resumeToken, type ChangePosition } from './resume-token.ts'

/** Largest event, in bytes: a document and some room around it. */
const MAX_EVENT_SIZE = 16 * 1024 * 1024 + 16 * 1024
/** Room for the token and the numbers of a fragment. */
const FRAME_SIZE = 512

/** A part of an event with the place it leads to. */
export interface EventPart {
  readonly position: ChangePosition
  readonly bytes: Buffer
}

/**
 * Encodes an event; one that is too large comes as fragments with some of its fields each.
 *
 * @param split False when the client has not asked for fragments.
 * @throws {ServerError} The event is too large and must not or cannot be split.
 */
export function eventParts(
  event: BsonDocument,
  position: ChangePosition,
  split: boolean,
): EventPart[] {
  const bytes = encodeDocument(event)
  if (bytes.length <= MAX_EVENT_SIZE) return [{ position, bytes }]
  if (!split) throw tooLarge(bytes.length)
  const fragments = fragmentsOf(event)
  return fragments.map((fields, fragment) => {
    const at = { ...position, fragment }
    const splitEvent = { fragment: fragment + 1, of: fragments.length }
    return {
      position: at,
      bytes: encodeDocument({ _id: resumeToken(at), splitEvent, ...fields }),
    }
  })
}

function fragmentsOf(event: BsonDocument): BsonDocument[] {
  const { _id, ...fields } = event
  const sizes = Object.keys(fields)
    .map((name) => ({ name, size: encodeDocument({ [name]: fields[name] }).length }))
    .sort((left, right) => left.size - right.size)
  const fragments: BsonDocument[] = []
  let room = 0
  for (const { name, size } of sizes) {
    if (size > MAX_EVENT_SIZE - FRAME_SIZE) throw tooLarge(size)
    if (size > room) {
      fragments.push({})
      room = MAX_EVENT_SIZE - FRAME_SIZE
    }
    room -= size
    Object.assign(fragments[fragments.length - 1] ?? {}, { [name]: fields[name] })
  }
  return fragments
}

function tooLarge(size: number): ServerError {
  return new ServerError(
    'BSONObjectTooLarge',
    `Executor error during getMore :: caused by :: BSONObj size: ${size} (0x${size.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${MAX_EVENT_SIZE}(16MB)`,
  )
}
