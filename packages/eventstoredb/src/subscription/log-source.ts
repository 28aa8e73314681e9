import type { RecordedEvent, SubscribeOptions } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from '../read/delivery.ts'
import { drainRead } from '../read/drain-read.ts'
import { isPlausiblePosition, positionOf, toClientPosition } from '../read/log-position.ts'
import { toRecordedEvent } from '../read/to-recorded-event.ts'
import type { HeadWatch } from './head-watch.ts'
import { localFilter, type Matches, serverFilter } from './event-filter.ts'
import {
  type ClientSubscription,
  Marker,
  type Probe,
  type SubscriptionSource,
} from './subscription-source.ts'

/** Events one probe looks at. */
const probeSize = 250

/** Follows the whole log, filtered by the server. */
export class LogSource implements SubscriptionSource {
  readonly description = 'the log'
  readonly #options: SubscribeOptions
  readonly #matches: Matches
  readonly #head: HeadWatch
  #position: bigint | undefined
  #lastEvent: bigint

  constructor(options: SubscribeOptions, head: HeadWatch) {
    this.#head = head
    this.#options = options
    this.#matches = localFilter(options)
    this.#position = options.after
    this.#lastEvent = options.after ?? -1n
  }

  get position(): bigint | undefined {
    return this.#position
  }

  open(client: GuardedClient): ClientSubscription {
    // Assigned before the first message can arrive.
    const filter = serverFilter(this.#options, ({ commit }) =>
      subscription.push(new Marker(commit)),
    )
    const subscription = client.calls.subscribeToAll({
      fromPosition: this.#position === undefined ? 'start' : toClientPosition(this.#position),
      filter,
    }) as unknown as ClientSubscription
    return subscription
  }

  accept({ event, link, commitPosition }: Delivery): RecordedEvent | undefined {
    const at = link ?? event
    if (!at) return undefined
    const position = at.position?.commit ?? commitPosition ?? -1n
    // Compared with the last event and not with the last checkpoint: a checkpoint may run ahead of an event.
    if (position <= this.#lastEvent) return undefined
    this.#lastEvent = position
    if (this.#position === undefined || position > this.#position) this.#position = position
    return event && this.#matches(event) ? toRecordedEvent(event) : undefined
  }

  advance(position: bigint): boolean {
    if (!isPlausiblePosition(position)) return false
    if (this.#position !== undefined && position <= this.#position) return false
    this.#position = position
    return true
  }

  async probe(client: GuardedClient, silenceMs: number): Promise<Probe> {
    const start = this.#position
    const head = await this.#head.position(client, silenceMs)
    if (head === undefined || (start !== undefined && start >= head))
      return { isBehind: false, isAtEnd: true, upTo: undefined }
    const seen = { messages: 0, isBehind: false }
    let upTo: bigint | undefined
    const read = client.readAll({
      fromPosition: start === undefined ? 'start' : toClientPosition(start),
      maxCount: probeSize,
    })
    await drainRead(client, read, silenceMs, ({ event, link }) => {
      seen.messages += 1
      const at = link ?? event
      if (!at || seen.isBehind) return
      const position = positionOf(at)
      if (start !== undefined && position <= start) return
      if (event && this.#matches(event)) seen.isBehind = true
      else upTo = position
    })
    const { isBehind, messages } = seen
    return { isBehind, isAtEnd: !isBehind && messages < probeSize, upTo }
  }
}
