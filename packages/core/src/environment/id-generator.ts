import { randomUUID } from 'node:crypto'

/** Makes unique ids. Replaced in tests by a deterministic one. */
export interface IdGenerator {
  /** Returns a new UUID. */
  next(): string
}

/** Random UUIDs, version 4. */
export const randomIds: IdGenerator = { next: () => randomUUID() }
