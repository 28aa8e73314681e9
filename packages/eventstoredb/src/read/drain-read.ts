import type { GuardedClient } from '../connection/guarded-client.ts'
import type { Delivery } from './delivery.ts'
import { type ClientRead, ReadCall } from './read-call.ts'

/**
 * Passes on everything a short read delivers and settles when it is over.
 *
 * @param silenceMs Longest time without a message before the read counts as failed.
 */
export function drainRead(
  client: GuardedClient,
  read: ClientRead,
  silenceMs: number,
  onDelivery: (delivery: Delivery) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    new ReadCall(client, read, silenceMs, {
      onDelivery,
      onEnd: (failure) => (failure === undefined ? resolve() : reject(failure)),
    })
  })
}
