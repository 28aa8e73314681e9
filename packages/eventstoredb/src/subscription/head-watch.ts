import type { GuardedClient } from '../connection/guarded-client.ts'
import { drainRead } from '../read/drain-read.ts'
import { HeadCursor } from '../read/head-cursor.ts'

/** How old an answer may be, in milliseconds. */
const maxAgeMs = 200

/** Knows the end of the log for all subscriptions of a store, so that many quiet ones cost as little as one. */
export class HeadWatch {
  #answer: Promise<bigint | undefined> | undefined
  #askedAt = -Infinity

  /** Returns the position of the last event of the log; undefined while it is empty. */
  position(client: GuardedClient, silenceMs: number): Promise<bigint | undefined> {
    if (this.#answer && performance.now() - this.#askedAt < maxAgeMs) return this.#answer
    this.#askedAt = performance.now()
    const answer = readHead(client, silenceMs)
    this.#answer = answer
    answer.catch(() => {
      if (this.#answer === answer) this.#answer = undefined
    })
    return answer
  }
}

async function readHead(client: GuardedClient, silenceMs: number): Promise<bigint | undefined> {
  const cursor = new HeadCursor()
  await drainRead(client, cursor.open(client).read, silenceMs, (delivery) =>
    cursor.accept(delivery),
  )
  return cursor.position
}
