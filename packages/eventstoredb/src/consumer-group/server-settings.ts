import type {
  PersistentSubscriptionToAllSettings,
  PersistentSubscriptionToStreamSettings,
} from '@eventstore/db-client'
import type { ConsumerGroupSettings, ConsumerStrategy } from '@varve/core'

/** Settings of a group as the client has them, apart from where it starts. */
export type ServerSettings = Omit<PersistentSubscriptionToStreamSettings, 'startFrom'>

/** Where a group starts, as the client has it. */
export type StartFrom =
  | PersistentSubscriptionToStreamSettings['startFrom']
  | PersistentSubscriptionToAllSettings['startFrom']

/** Values of a new group; those a user cannot set are the client's own defaults. */
const defaults: ServerSettings = {
  // Streams of links, as the server's projections write them, are of no use otherwise.
  resolveLinkTos: true,
  extraStatistics: false,
  messageTimeout: 30_000,
  maxRetryCount: 10,
  checkPointAfter: 2000,
  checkPointLowerBound: 10,
  checkPointUpperBound: 1000,
  maxSubscriberCount: 'unbounded',
  liveBufferSize: 500,
  readBatchSize: 20,
  historyBufferSize: 500,
  consumerStrategyName: 'RoundRobin',
}

const strategies: Readonly<Record<ConsumerStrategy, string>> = {
  'round-robin': 'RoundRobin',
  'dispatch-to-single': 'DispatchToSingle',
  pinned: 'Pinned',
}

/** Settings of a new group. */
export function newSettings(settings: ConsumerGroupSettings): ServerSettings {
  return { ...defaults, ...named(settings) }
}

/** An existing group's settings with those named changed; undefined where none of them differs. */
export function changedSettings(
  existing: ServerSettings,
  settings: ConsumerGroupSettings,
): ServerSettings | undefined {
  const changed = { ...existing, ...named(settings) }
  const keys = Object.keys(changed) as (keyof ServerSettings)[]
  return keys.some((key) => changed[key] !== existing[key]) ? changed : undefined
}

function named({
  messageTimeoutMs,
  maxRetries,
  maxConsumers,
  strategy,
}: ConsumerGroupSettings): Partial<ServerSettings> {
  return {
    ...(messageTimeoutMs !== undefined && { messageTimeout: messageTimeoutMs }),
    ...(maxRetries !== undefined && { maxRetryCount: maxRetries }),
    ...(maxConsumers !== undefined && {
      maxSubscriberCount: Number.isFinite(maxConsumers) ? maxConsumers : 'unbounded',
    }),
    ...(strategy !== undefined && { consumerStrategyName: strategies[strategy] }),
  }
}
