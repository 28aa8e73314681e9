import { VarveError } from '../varve-error.ts'

/** A snapshot's state is not what its aggregate writes. Never reaches callers: the events are replayed instead. */
export class UnreadableSnapshotError extends VarveError {
  readonly code = 'UNREADABLE_SNAPSHOT'
  constructor(found: string, expected: string) {
    super(`A snapshot cannot be read: found ${found}, expected ${expected}. It is ignored.`)
  }
}
