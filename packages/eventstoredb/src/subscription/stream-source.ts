import type { RecordedEvent, SubscribeOptions, StreamName } from '@varve/core'
import type { GuardedClient } from '../connection/guarded-client.ts'
import { typeOf } from '../failure/classify-failure.ts'
import type { Delivery } from '../read/delivery.ts'
import { drainRead } from '../read/drain-read.ts'
import { isPlausiblePosition, positionOf } from '../read/log-position.ts'
import { isUserEvent, toRecordedEvent } from '../read/to-recorded-event.ts'
import type { ClientSubscription, Probe, SubscriptionSource } from './subscription-source.ts'

/** Follows one stream. Its position moves only with events. */
export class StreamSource implements SubscriptionSource {
  readonly description: string
  readonly #stream: StreamName
  #revision: bigint | undefined
  #position: bigint | undefined

  constructor(stream: StreamName, { afterRevision }: Pick<SubscribeOptions, 'afterRevision'>) {
    this.description = `"${stream}"`
    this.#stream = stream
    this.#revision = afterRevision
  }

  get position(): bigint | undefined {
    return this.#position
  }

  open(client: GuardedClient): ClientSubscription {
    return client.calls.subscribeToStream(this.#stream, {
      fromRevision: this.#revision ?? 'start',
    })
  }

  accept({ event, link }: Delivery): RecordedEvent | undefined {
    const at = link ?? event
    // The end of a stream that is deleted for good is told with the highest revision there is.
    if (!at || !isPlausiblePosition(at.revision + 1n)) return undefined
    if (this.#revision !== undefined && at.revision <= this.#revision) return undefined
    this.#revision = at.revision
    this.advance(positionOf(at))
    return event && isUserEvent(event) ? toRecordedEvent(event) : undefined
  }

  advance(position: bigint): boolean {
    if (!isPlausiblePosition(position)) return false
    if (this.#position !== undefined && position <= this.#position) return false
    this.#position = position
    return true
  }

  async probe(client: GuardedClient, silenceMs: number): Promise<Probe> {
    let isBehind = false
    const read = client.readStream(this.#stream, {
      fromRevision: this.#revision === undefined ? 'start' : this.#revision + 1n,
      maxCount: 1,
    })
    try {
      await drainRead(client, read, silenceMs, () => {
        isBehind = true
      })
    } catch (failure) {
      if (typeOf(failure) !== 'stream-not-found') throw failure
    }
    return { isBehind, isAtEnd: !isBehind, upTo: undefined }
  }
}
