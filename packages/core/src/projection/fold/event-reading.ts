import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import type { EventCodec } from '../../serialization/event-codec.ts'
import { cloneDocument } from './clone-document.ts'

/** Decodes an event when it is first needed, and again for each further document. */
export class EventReading {
  readonly #recorded: RecordedEvent
  readonly #codec: EventCodec
  #event: object | undefined
  #isTaken = false

  constructor(recorded: RecordedEvent, codec: EventCodec) {
    this.#recorded = recorded
    this.#codec = codec
  }

  /** The event to look at. */
  get event(): object {
    return (this.#event ??= this.#decode())
  }

  /** Returns an event for one document: it may keep parts of it and change them later. */
  take(): object {
    const event = this.#isTaken ? this.#decode() : this.event
    this.#isTaken = true
    return event
  }

  #decode(): object {
    const { data } = this.#recorded
    return this.#codec.decode(
      hasParts(data) ? { ...this.#recorded, data: cloneDocument(data) } : this.#recorded,
    )
  }
}

function hasParts(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  for (const key in data)
    if (typeof (data as Record<string, unknown>)[key] === 'object') return true
  return false
}
