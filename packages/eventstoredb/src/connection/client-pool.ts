import type { GuardedClient } from './guarded-client.ts'
import type { OpenClient } from './open-client.ts'

interface Member {
  readonly client: GuardedClient
  leases: number
  isRetired: boolean
}

/** The right to make calls on one client until it is released. */
export interface ClientLease {
  readonly client: GuardedClient
  /** Gives the client back. Idempotent. */
  release(): void
  /** Gives no further leases on this client: its connection is in doubt. It closes with its last lease. */
  retire(): void
}

/**
 * Hands out clients, opening another one when all have as many calls as a connection bears.
 *
 * A server takes 100 streams per connection by default; the next call would hang without an error.
 */
export class ClientPool {
  readonly #open: OpenClient
  readonly #capacity: number
  readonly #members = new Set<Member>()

  /** @param capacity Most leases on one client at a time. */
  constructor(open: OpenClient, capacity: number) {
    this.#open = open
    this.#capacity = capacity
  }

  /** How many leases are out. */
  get leases(): number {
    return [...this.#members].reduce((sum, member) => sum + member.leases, 0)
  }

  /** How many clients are open. */
  get size(): number {
    return this.#members.size
  }

  acquire(): ClientLease {
    const member = this.#free() ?? this.#add()
    member.leases += 1
    let isReleased = false
    return {
      client: member.client,
      release: () => {
        if (isReleased) return
        isReleased = true
        member.leases -= 1
        this.#closeIfDone(member)
      },
      retire: () => {
        member.isRetired = true
        this.#closeIfDone(member)
      },
    }
  }

  /** Closes all clients; what is under way on them fails. */
  async close(): Promise<void> {
    const members = [...this.#members]
    this.#members.clear()
    await Promise.all(members.map(({ client }) => client.close()))
  }

  #free(): Member | undefined {
    for (const member of this.#members)
      if (!member.isRetired && member.leases < this.#capacity) return member
    return undefined
  }

  #add(): Member {
    const member: Member = { client: this.#open(), leases: 0, isRetired: false }
    this.#members.add(member)
    return member
  }

  #closeIfDone(member: Member): void {
    if (!member.isRetired || member.leases > 0) return
    this.#members.delete(member)
    // Never rejects: nothing is under way on it any more, and its connection is already in doubt.
    void member.client.close()
  }
}
