import type { Collection } from '../catalog/collection.ts'
import type { CommandContext } from '../commands/command.ts'
import type { CursorSource } from '../cursor/cursors.ts'
import { ServerError } from '../errors/server-error.ts'
import { decodeDocument } from '../bson/decode.ts'
import { rowRange } from '../store/document-rows.ts'
import type { Filter } from './filter.ts'
import { Match } from './find-documents.ts'

const PAGE = 128

/** A cursor that stays open at the end of a capped collection and goes on with what is added. */
export function tailableSource(
  context: CommandContext,
  collection: Collection,
  filter: Filter,
  shape: ((match: Match) => Buffer) | undefined,
): CursorSource {
  const { rows, changes } = context.server.engine
  const [first, before] = rowRange(collection.id)
  let after = first
  let page: Match[] = []
  const read = (): Match | undefined => {
    if (page.length === 0) {
      if (collection.dropped)
        throw new ServerError('QueryPlanKilled', `collection dropped: ${collection.ns}`)
      page = rows
        .scan(after, before, PAGE, false)
        .map((stored) => new Match(stored, decodeDocument(stored.bytes)))
    }
    const match = page.shift()
    if (match) after = match.stored.rid
    return match
  }
  const next = () => {
    for (let match = read(); match; match = read())
      if (filter.matches(match.document)) return shape ? shape(match) : match.stored.bytes
    return undefined
  }
  // On an empty collection the cursor is dead at once.
  const tailable = rows.lastRow(collection.id) !== first
  if (context.body['awaitData'] !== true) return { tailable, next }
  return { tailable, next, waitForMore: (time, signal) => changes.waitForAppend(time, signal) }
}
