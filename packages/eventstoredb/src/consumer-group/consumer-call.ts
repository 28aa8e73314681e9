import type { NackAction } from '@varve/core'
import type { Delivery } from '../read/delivery.ts'

/** One message of a group. */
export interface GroupDelivery extends Delivery {
  readonly retryCount: number
}

/** What is used of the client's persistent subscription. */
export interface ConsumerCall {
  on(event: 'data', listener: (message: GroupDelivery) => void): unknown
  on(event: 'error', listener: (failure: unknown) => void): unknown
  on(event: 'confirmation' | 'end', listener: () => void): unknown
  ack(message: GroupDelivery): Promise<void>
  nack(action: NackAction, reason: string, message: GroupDelivery): Promise<void>
  unsubscribe(): Promise<void>
}
