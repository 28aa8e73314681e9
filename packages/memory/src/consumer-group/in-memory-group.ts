import type {
  Clock,
  ConsumerGroup,
  ConsumerGroupSettings,
  ConsumerGroupStatus,
  EventSubscription,
  NackAction,
  RecordedEvent,
} from '@varve/core'
import { chooseMember } from './choose-member.ts'
import type { GroupMessage, ParkedMessage, SourcePlace } from './group-message.ts'
import type { GroupSource } from './group-source.ts'

/** The settings of a group, with their defaults. */
export type ResolvedSettings = Required<Omit<ConsumerGroupSettings, 'startFrom'>>

/** A consumer as its group sees it. */
export interface Member {
  readonly name: string
  readonly inFlight: number
  readonly room: number
  joined(): void
  receive(message: GroupMessage): void
  /** The message is answered, or was taken back. */
  taken(message: GroupMessage): void
  /** The group is gone. */
  removed(): void
}

interface Outstanding {
  readonly member: Member
  readonly timer: NodeJS.Timeout
}

/** One group at work: takes events from its source, hands them out, and again where nobody answers. */
export class InMemoryGroup {
  readonly group: ConsumerGroup
  readonly parked: ParkedMessage[] = []
  settings: ResolvedSettings
  readonly #source: GroupSource
  readonly #clock: Clock
  readonly #subscription: EventSubscription
  readonly #members: Member[] = []
  readonly #waiting: Member[] = []
  readonly #retries: GroupMessage[] = []
  readonly #fresh: RecordedEvent[] = []
  readonly #outstanding = new Map<GroupMessage, Outstanding>()
  readonly #places: SourcePlace[] = []
  #checkpoint: bigint | undefined
  #handedOut = 0
  #isRemoved = false
  #wantMore: () => void = () => undefined

  /** @param after Place after which to start. */
  constructor(
    group: ConsumerGroup,
    settings: ResolvedSettings,
    { source, after, clock }: { source: GroupSource; after: bigint | undefined; clock: Clock },
  ) {
    this.group = group
    this.settings = settings
    this.#source = source
    this.#clock = clock
    this.#subscription = source.follow(after)
    void this.#follow()
  }

  get status(): ConsumerGroupStatus {
    return {
      checkpoint: this.#checkpoint,
      inFlight: this.#outstanding.size,
      retrying: this.#retries.length,
      parked: this.parked.length,
      consumers: this.#members.map(({ name, inFlight }) => ({ name, inFlight })),
    }
  }

  /** Takes a consumer in, or lets it wait for a place. */
  join(member: Member): void {
    if (this.#members.length >= this.settings.maxConsumers) {
      this.#waiting.push(member)
      return
    }
    this.#members.push(member)
    member.joined()
    this.#handOut()
  }

  /** Lets a consumer go; what it has not answered is tried again. */
  leave(member: Member): void {
    remove(this.#waiting, member)
    if (!remove(this.#members, member)) return
    for (const [message, { member: holder }] of this.#outstanding)
      if (holder === member) this.#retry(message)
    const next = this.#waiting.shift()
    if (next) this.join(next)
    this.#handOut()
  }

  /** Takes an answer; one that is not waited for any more is dropped. */
  answer(member: Member, message: GroupMessage, action: 'ack' | NackAction, reason = ''): void {
    if (this.#outstanding.get(message)?.member !== member) return
    if (action === 'retry') this.#retry(message)
    else if (action === 'park') this.#park(message, reason)
    else this.#finish(message)
    this.#handOut()
  }

  /** Takes over settings that differ. */
  configure(settings: ResolvedSettings): void {
    this.settings = settings
    this.#handOut()
  }

  /** Delivers parked events again. */
  replay(limit: number): void {
    for (const { event } of this.parked.splice(0, limit))
      this.#retries.push({ event, retryCount: 0, place: undefined })
    this.#handOut()
  }

  /** Ends the group and its consumers. */
  async remove(): Promise<void> {
    this.#isRemoved = true
    for (const { timer } of this.#outstanding.values()) clearTimeout(timer)
    this.#outstanding.clear()
    for (const member of [...this.#members, ...this.#waiting]) member.removed()
    this.#wantMore()
    await this.#subscription.stop()
  }

  async #follow(): Promise<void> {
    try {
      for await (const { events } of this.#subscription) {
        this.#fresh.push(...events)
        this.#handOut()
        while (this.#fresh.length > 0 && !this.#isRemoved)
          await new Promise<void>((resolve) => (this.#wantMore = resolve))
      }
    } catch {
      // The stream was deleted for good: nothing comes any more, and the group stays.
    }
  }

  #handOut(): void {
    for (;;) {
      const event = this.#fresh[0]
      const message = this.#retries[0] ?? (event && this.#messageOf(event))
      if (!message || this.#isRemoved) break
      const { strategy } = this.settings
      const member = chooseMember(strategy, this.#members, message, this.#handedOut)
      if (!member) break
      if (this.#retries[0]) this.#retries.shift()
      else {
        this.#fresh.shift()
        if (message.place) this.#places.push(message.place)
      }
      this.#send(message, member)
    }
    if (this.#fresh.length === 0) this.#wantMore()
  }

  #messageOf(event: RecordedEvent): GroupMessage {
    return {
      event,
      retryCount: 0,
      place: { at: this.#source.placeOf(event), isDone: false },
    }
  }

  #send(message: GroupMessage, member: Member): void {
    const timer = setTimeout(() => {
      this.#retry(message)
      this.#handOut()
    }, this.settings.messageTimeoutMs).unref()
    this.#outstanding.set(message, { member, timer })
    this.#handedOut += 1
    member.receive(message)
  }

  #retry(message: GroupMessage): void {
    const { maxRetries } = this.settings
    if (message.retryCount >= maxRetries) {
      this.#park(message, `Delivered ${maxRetries + 1} times without success`)
      return
    }
    this.#takeBack(message)
    this.#retries.push({ ...message, retryCount: message.retryCount + 1 })
  }

  #park(message: GroupMessage, reason: string): void {
    this.parked.push({ event: message.event, reason, parkedAt: this.#clock.now() })
    this.#finish(message)
  }

  #finish(message: GroupMessage): void {
    this.#takeBack(message)
    if (message.place) message.place.isDone = true
    while (this.#places[0]?.isDone) this.#checkpoint = this.#places.shift()?.at
  }

  #takeBack(message: GroupMessage): void {
    const outstanding = this.#outstanding.get(message)
    clearTimeout(outstanding?.timer)
    this.#outstanding.delete(message)
    outstanding?.member.taken(message)
  }
}

function remove<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item)
  if (index >= 0) list.splice(index, 1)
  return index >= 0
}
