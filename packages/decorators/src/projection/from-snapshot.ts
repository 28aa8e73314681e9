import type { AggregateRoot, Constructor, ReadModelDocument, SnapshotContext } from '@varve/core'
import { type MemberRecord, metadataKey, recordMember } from '../metadata/metadata.ts'

/** A method of a projection that makes a document of an aggregate; null or undefined where its events must be replayed. */
export type FromSnapshotMethod<State> = (
  state: State,
  context: SnapshotContext,
) => ReadModelDocument | null | undefined

/** What `@FromSnapshot` says of a method beyond the aggregate. */
export interface FromSnapshotDecoratorOptions {
  /**
   * Events with one of which every stream of the aggregate begins: a rebuild then finds the aggregates by these alone.
   * What begins otherwise is missing from the documents. Default: the whole log is read.
   */
  readonly firstEvents?: readonly Constructor[]
}

/** What `@FromSnapshot` says of a method. */
export interface FromSnapshotRecord extends MemberRecord {
  readonly aggregate: Constructor
  readonly firstEvents?: readonly Constructor[] | undefined
}

/** Records of {@link FromSnapshot}. */
export const fromSnapshotKey = metadataKey<FromSnapshotRecord>('from-snapshot')

/**
 * Makes a method of a projection say how a document follows from the state of an aggregate, so that the read model can
 * be rebuilt from snapshots. One for a projection, with one read model whose documents have the ids of the aggregates.
 */
export function FromSnapshot<State extends AggregateRoot>(
  aggregate: Constructor<State>,
  { firstEvents }: FromSnapshotDecoratorOptions = {},
) {
  return <Method extends FromSnapshotMethod<State>>(
    target: object & { readonly prototype?: never },
    member: string,
    _method: TypedPropertyDescriptor<Method>,
  ): void => recordMember(fromSnapshotKey, target, { member, aggregate, firstEvents })
}
