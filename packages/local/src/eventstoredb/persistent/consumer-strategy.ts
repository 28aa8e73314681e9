import { jsonObject } from '../log/retention.ts'
import type { DecodedEvent } from '../wire/event-frame.ts'
import type { ConsumerStrategyName } from './group-settings.ts'

/** What a strategy knows of a consumer. */
export interface Candidate {
  readonly id: string
  readonly availableSlots: number
}

/** What a strategy knows of a message. */
export interface Dispatchable {
  readonly event: Pick<DecodedEvent, 'stream' | 'metadata'>
}

/** Chooses the consumer for a message; undefined when none can take it now. */
export interface ConsumerStrategy {
  choose<C extends Candidate>(consumers: readonly C[], message: Dispatchable): C | undefined
  /** Whether a later message may find a consumer where an earlier one did not. */
  readonly mayPass: boolean
}

/** The strategy of that name. */
export function consumerStrategy(name: ConsumerStrategyName): ConsumerStrategy {
  switch (name) {
    case 'DispatchToSingle':
      return { mayPass: false, choose: (consumers) => consumers.find(hasRoom) }
    case 'RoundRobin':
      return new RoundRobin()
    case 'Pinned':
      return pinned((message) => message.event.stream)
    case 'PinnedByCorrelation':
      return pinned(correlationOf)
  }
}

class RoundRobin implements ConsumerStrategy {
  readonly mayPass = false
  #last = ''

  choose<C extends Candidate>(consumers: readonly C[]): C | undefined {
    const next = consumers.findIndex((consumer) => consumer.id === this.#last) + 1
    const turn = [...consumers.slice(next), ...consumers.slice(0, next)].find(hasRoom)
    if (turn) this.#last = turn.id
    return turn
  }
}

/** Keeps messages of one key at one consumer; only what a leaving consumer had moves (rendezvous hashing). */
function pinned(keyOf: (message: Dispatchable) => string): ConsumerStrategy {
  return {
    mayPass: true,
    choose: <C extends Candidate>(consumers: readonly C[], message: Dispatchable) => {
      const key = keyOf(message)
      let best: C | undefined
      let bestWeight = -1
      for (const consumer of consumers) {
        const weight = hash(consumer.id + key)
        if (weight > bestWeight) {
          best = consumer
          bestWeight = weight
        }
      }
      return best && hasRoom(best) ? best : undefined
    },
  }
}

function correlationOf({ event }: Dispatchable): string {
  const correlation = jsonObject(event.metadata)?.['$correlationId']
  return typeof correlation === 'string' ? correlation : event.stream
}

function hasRoom(consumer: Candidate): boolean {
  return consumer.availableSlots > 0
}

/** FNV-1a with a final mix. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}
