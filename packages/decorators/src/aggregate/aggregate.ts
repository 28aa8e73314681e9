import type { AggregateCacheOptions, AggregateRoot, SnapshotRules } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** What `@Aggregate` says of a class beyond its category. */
export interface AggregateDecoratorOptions {
  /** When snapshots are taken, which are kept, and what becomes of old ones. Default: none are taken. */
  readonly snapshot?: SnapshotRules
  /**
   * How aggregates are kept in memory between commands. False: each command reads its stream, and commands on one
   * aggregate do not wait for each other. Default: kept.
   */
  readonly cache?: false | AggregateCacheOptions
}

/** Records of {@link Aggregate}. */
export const aggregateKey = metadataKey<AggregateDecoratorOptions & { readonly name: string }>(
  'aggregate',
)

/**
 * Makes a class an aggregate.
 *
 * @param category Category of its streams, `<category>-<id>`; without `-`, never inherited.
 */
export function Aggregate(category: string, options: AggregateDecoratorOptions = {}) {
  return (target: new () => AggregateRoot): void =>
    record(aggregateKey, target, { name: category, ...options })
}
