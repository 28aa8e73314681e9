import { type Delivery, DeliveryLostError, type NackAction, type RecordedEvent } from '@varve/core'

/** Sends an answer; rejects with what ended the connection. */
export type SendAnswer = (action: 'ack' | NackAction, reason: string) => Promise<void>

/** One event in the hands of a consumer. */
export class ServerDelivery implements Delivery {
  readonly event: RecordedEvent
  readonly retryCount: number
  readonly #group: string
  readonly #send: SendAnswer
  #answer: Promise<void> | undefined

  constructor(
    group: string,
    { event, retryCount }: Pick<Delivery, 'event' | 'retryCount'>,
    send: SendAnswer,
  ) {
    this.event = event
    this.retryCount = retryCount
    this.#group = group
    this.#send = send
  }

  ack(): Promise<void> {
    return (this.#answer ??= this.#tell('ack', ''))
  }

  nack(action: NackAction, reason: string): Promise<void> {
    return (this.#answer ??= this.#tell(action, reason))
  }

  async #tell(action: 'ack' | NackAction, reason: string): Promise<void> {
    try {
      await this.#send(action, reason)
    } catch (cause) {
      const { stream, revision } = this.event
      throw new DeliveryLostError(this.#group, stream, revision, { cause })
    }
  }
}
