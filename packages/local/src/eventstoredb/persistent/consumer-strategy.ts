import { jsonObject } from '../log/retention.ts'
import type { Consumer } from './consumer.ts'
import type { GroupMessage } from './group-message.ts'
import type { ConsumerStrategyName } from './group-settings.ts'

/** Chooses the consumer for a message; undefined when none can take it now. */
export interface ConsumerStrategy {
  choose(consumers: readonly Consumer[], message: GroupMessage): Consumer | undefined
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
  #last: Consumer | undefined

  choose(consumers: readonly Consumer[]): Consumer | undefined {
    const next = this.#last ? consumers.indexOf(this.#last) + 1 : 0
    const turn = [...consumers.slice(next), ...consumers.slice(0, next)].find(hasRoom)
    if (turn) this.#last = turn
    return turn
  }
}

/** Keeps messages of one key at one consumer; only what a leaving consumer had moves (rendezvous hashing). */
function pinned(keyOf: (message: GroupMessage) => string): ConsumerStrategy {
  return {
    mayPass: true,
    choose: (consumers, message) => {
      const key = keyOf(message)
      let best: Consumer | undefined
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

function correlationOf({ event }: GroupMessage): string {
  const correlation = jsonObject(event.metadata)?.['$correlationId']
  return typeof correlation === 'string' ? correlation : event.stream
}

function hasRoom(consumer: Consumer): boolean {
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
