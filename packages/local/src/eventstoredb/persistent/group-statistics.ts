import type { FieldValues } from '../wire/persistent-responses.ts'
import type { Consumer } from './consumer.ts'
import type { SubscriptionGroup } from './subscription-group.ts'
import type { RunningGroup } from './subscription-groups.ts'

/** Measures groups: counts since the last time somebody asked. */
export class GroupStatistics {
  readonly #measured = new WeakMap<
    SubscriptionGroup,
    { readonly at: number; readonly items: number }
  >()

  /** The fields of a `SubscriptionInfo`. */
  describe({ group, parked }: RunningGroup): FieldValues {
    const { key, settings } = group.stored
    const now = Date.now()
    const last = this.#measured.get(group) ?? { at: now, items: 0 }
    this.#measured.set(group, { at: now, items: group.totalItems })
    const seconds = (now - last.at) / 1000
    const recent = group.totalItems - last.items
    const lastKnown = group.source.end()
    return {
      1: key.source,
      2: key.group,
      3: group.isLive ? 'Live' : 'Behind',
      4: group.consumers.map((consumer) => describeConsumer(consumer, seconds)),
      5: perSecond(recent, seconds),
      6: group.totalItems,
      7: recent,
      8: group.checkpoint > group.stored.checkpoint ? group.source.describe(group.checkpoint) : '',
      9: lastKnown >= 0 ? group.source.describe(lastKnown) : '',
      10: settings.resolveLinks,
      11: group.source.describeStart(settings.startFrom),
      12: settings.messageTimeoutMs,
      13: settings.extraStatistics,
      14: settings.maxRetryCount,
      15: settings.liveBufferSize,
      16: settings.historyBufferSize,
      17: settings.readBatchSize,
      18: settings.checkpointAfterMs,
      19: settings.minCheckpointCount,
      20: settings.maxCheckpointCount,
      21: group.isLive ? 0 : group.buffer.length,
      22: group.isLive ? group.buffer.length : 0,
      23: group.retries.length,
      24: group.consumers.reduce((sum, consumer) => sum + consumer.inFlight.size, 0),
      25: group.outstanding.size,
      26: settings.strategy,
      27: settings.maxSubscriberCount,
      28: parked.count,
    }
  }
}

function describeConsumer(consumer: Consumer, seconds: number): FieldValues {
  const recent = consumer.totalItems - consumer.measuredItems
  consumer.measuredItems = consumer.totalItems
  return {
    1: consumer.from,
    2: 'anonymous',
    3: perSecond(recent, seconds),
    4: consumer.totalItems,
    5: recent,
    7: consumer.availableSlots,
    8: consumer.inFlight.size,
    9: consumer.connectionName,
  }
}

function perSecond(items: number, seconds: number): number {
  return seconds > 0 ? Math.floor(items / seconds) : 0
}
