import type { Collection } from '../catalog/collection.ts'
import { rowRange, type StoredDocument } from './document-rows.ts'
import type { Engine } from './engine.ts'

/** Documents looked at together. */
const PAGE = 64

/** What a capped collection holds; counted once and kept up to date from then on. */
export interface CappedUse {
  count: number
  bytes: number
}

/** Notes that a document of a capped collection came, went or changed its size. */
export function noteUse(collection: Collection, count: number, bytes: number): void {
  if (!collection.cappedUse) return
  collection.cappedUse.count += count
  collection.cappedUse.bytes += bytes
}

/** The oldest documents a capped collection has to give up after an insert. Runs inside a storage job. */
export function surplus(engine: Engine, collection: Collection): StoredDocument[] {
  const { capped } = collection
  if (!capped) return []
  collection.cappedUse ??= {
    count: engine.rows.count(collection.id),
    bytes: engine.rows.size(collection.id),
  }
  let { count, bytes } = collection.cappedUse
  const old: StoredDocument[] = []
  const [first, before] = rowRange(collection.id)
  let after = first
  while (count > capped.max || bytes > capped.size) {
    const page = engine.rows.scan(after, before, PAGE, false)
    for (const row of page) {
      if (count <= capped.max && bytes <= capped.size) break
      old.push(row)
      count -= 1
      bytes -= row.bytes.length
    }
    const last = page[page.length - 1]
    if (!last) break
    after = last.rid
  }
  return old
}
