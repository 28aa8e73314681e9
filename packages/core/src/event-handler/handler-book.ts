import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import type { EventHandlerState, EventHandlerStatus } from './event-handler-status.ts'

/** What is known of an event handler in this process, as it is found out. */
export class HandlerBook {
  readonly #definition: EventHandlerDefinition
  state: EventHandlerState = 'stopped'
  position: bigint | undefined
  event: RecordedEvent | undefined
  handled = 0
  passedOver = 0
  lost = 0
  lettersWritten = 0
  lettersSettled = 0
  retries = 0
  lastError: unknown

  constructor(definition: EventHandlerDefinition) {
    this.#definition = definition
  }

  get status(): EventHandlerStatus {
    const { name, delivery } = this.#definition
    const { state, position, event, handled, passedOver, lost, retries, lastError } = this
    const { lettersWritten, lettersSettled } = this
    return {
      name,
      delivery,
      state,
      position,
      event,
      handled,
      passedOver,
      lost,
      retries,
      lettersWritten,
      lettersSettled,
      lastError,
    }
  }
}
