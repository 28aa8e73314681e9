import { randomUUID } from 'node:crypto'
import { idText } from './id-text.ts'

/** Makes unique ids. Replaced in tests by a deterministic one. */
export interface IdGenerator {
  /** Returns a new UUID. */
  next(): string
}

/** Random UUIDs, version 4. */
export const randomIds: IdGenerator = { next: () => idText(randomUUID()) }
