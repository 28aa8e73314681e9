import { type Document, FindCursor, type Sort, type SortDirection } from 'mongodb'

/** How the calls chained to a cursor are turned into what the collection understands. */
export interface CursorShape {
  projection(projection: Document): Document
  filter(filter: Document): Document
  sort(sort: Sort, direction?: SortDirection): Sort
  /** Takes the document out of what is stored. */
  document?(stored: Document): Document
  /** Further methods of the cursor to replace. */
  methods?(cursor: FindCursor): Readonly<Record<string, (...given: never[]) => unknown>>
}

/**
 * Makes a cursor of the driver speak of documents as their readers know them, and its clones too.
 *
 * The cursor's own methods are replaced on the instance, so it stays the driver's class with all it can do.
 */
export function shapeCursor<T>(cursor: FindCursor, shape: CursorShape): FindCursor<T> {
  const original = FindCursor.prototype
  if (shape.document) cursor.map((stored: Document) => shape.document?.(stored))
  const methods = {
    project: (value: Document) => original.project.call(cursor, shape.projection(value)),
    filter: (value: Document) => original.filter.call(cursor, shape.filter(value)),
    sort: (value: Sort, direction?: SortDirection) =>
      original.sort.call(cursor, shape.sort(value, direction)),
    clone: () => shapeCursor(original.clone.call(cursor), shape),
    ...shape.methods?.(cursor),
  }
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(cursor, name, { value, configurable: true, writable: true })
  }
  return cursor as FindCursor<T>
}
