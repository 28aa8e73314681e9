import type { Delivery, NackAction, RecordedEvent } from '@varve/core'
import type { GroupMessage } from './group-message.ts'

/** How a delivery is answered. */
export type Answer = (action: 'ack' | NackAction, reason?: string) => void

/** One event in the hands of a consumer. */
export class InMemoryDelivery implements Delivery {
  readonly event: RecordedEvent
  readonly retryCount: number
  readonly #send: Answer
  #answer: Promise<void> | undefined

  /** @param send Throws where the consumer has left its group. */
  constructor({ event, retryCount }: GroupMessage, send: Answer) {
    this.event = event
    this.retryCount = retryCount
    this.#send = send
  }

  ack(): Promise<void> {
    return (this.#answer ??= this.#tell('ack'))
  }

  nack(action: NackAction, reason: string): Promise<void> {
    return (this.#answer ??= this.#tell(action, reason))
  }

  async #tell(...answer: Parameters<Answer>): Promise<void> {
    this.#send(...answer)
  }
}
