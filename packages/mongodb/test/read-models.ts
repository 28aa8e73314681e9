import {
  type Checkpoint,
  type ConsistencyLevel,
  defineReadModel,
  type DocumentVersion,
  type DocumentWrite,
  type Generation,
  type Logger,
  type ReadModelCommit,
  type ReadModelDefinition,
  type ReadModelDocument,
} from '@varve/core'
import type { MongoReadModelStore } from '../src/index.ts'

/** The documents most tests use. */
export interface Account extends ReadModelDocument {
  readonly owner: string
  readonly balance: number
}

export const accounts = defineReadModel<Account>('accounts', {
  indexes: [{ keys: { owner: 1 } }],
})

export const pastAccounts = defineReadModel<Account>('accounts', {
  indexes: [{ keys: { owner: 1 } }],
  history: true,
})

export const generation: Generation = { projection: 'balances', version: 1, number: 1 }

export const levels: readonly ConsistencyLevel[] = ['exactly-once', 'idempotent']

/** Builds a write of one document; undefined deletes it. */
export function write(
  document: ReadModelDocument | string,
  position: bigint,
  previous?: bigint,
  more: { model?: ReadModelDefinition; versions?: readonly DocumentVersion[] } = {},
): DocumentWrite {
  const isDeletion = typeof document === 'string'
  return {
    model: more.model ?? accounts,
    id: isDeletion ? document : document._id,
    document: isDeletion ? undefined : document,
    position,
    events: 1,
    previous,
    versions: more.versions ?? [],
  }
}

/** An account, as plain as can be. */
export const account = (id: string, owner: string, balance: number): Account => ({
  _id: id,
  owner,
  balance,
})

/** Commits writes from a checkpoint to a position. */
export function commit(
  store: MongoReadModelStore,
  from: Checkpoint,
  position: bigint,
  writes: readonly DocumentWrite[] = [],
): Promise<Checkpoint> {
  const made: ReadModelCommit = { generation, writes, from, position }
  return store.commit(made)
}

/** A logger that keeps what it warns of. */
export class WarningLog implements Logger {
  readonly warnings: string[] = []
  debug(): void {
    return
  }
  info(): void {
    return
  }
  warn(message: string): void {
    this.warnings.push(message)
  }
  error(): void {
    return
  }
}
