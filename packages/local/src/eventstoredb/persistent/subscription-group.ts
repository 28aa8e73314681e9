import type { EventLog } from '../log/event-log.ts'
import { CheckpointPolicy } from './checkpoint-policy.ts'
import type { Consumer } from './consumer.ts'
import { type ConsumerStrategy, consumerStrategy } from './consumer-strategy.ts'
import { type GroupMessage, groupMessage, insertInOrder } from './group-message.ts'
import type { GroupKey, GroupSettings } from './group-settings.ts'
import { type GroupSource, groupSource } from './group-source.ts'
import { OutstandingMessages } from './outstanding-messages.ts'
import type { ParkedMessages } from './parked-messages.ts'
import { groupDropped, maximumSubscribersReached } from './persistent-errors.ts'

/** What a client wants done with a message it could not handle. */
export type NackAction = 'park' | 'retry' | 'skip'

/** A group as it is stored. */
export interface StoredGroup {
  readonly key: GroupKey
  readonly settings: GroupSettings
  /** Cursor up to which everything is done with. */
  readonly checkpoint: number
}

/** What a running group needs. */
export interface GroupDependencies {
  readonly log: EventLog
  readonly parked: ParkedMessages
  /** Stores how far the group is; resolves once it is on disk. */
  readonly saveCheckpoint: (key: GroupKey, cursor: number) => Promise<void>
  /** Told when the disk takes no more: nothing the group does counts any longer. */
  readonly failed: (reason: unknown) => void
}

/**
 * One persistent subscription at work: reads its source, spreads the events over the consumers and tries again
 * what they do not answer.
 */
export class SubscriptionGroup {
  readonly consumers: Consumer[] = []
  readonly retries: GroupMessage[] = []
  readonly buffer: GroupMessage[] = []
  readonly outstanding: OutstandingMessages
  readonly source: GroupSource
  totalItems = 0
  checkpoint: number
  lastSent: number
  readonly #strategy: ConsumerStrategy
  readonly #policy: CheckpointPolicy
  readonly #stop: () => void
  readonly #timer: NodeJS.Timeout
  #read: number
  #scheduled = false
  #saving = false
  #closed = false

  constructor(
    readonly stored: StoredGroup,
    private readonly dependencies: GroupDependencies,
  ) {
    const { key, settings, checkpoint } = stored
    this.source = groupSource(dependencies.log, key.source, settings)
    this.checkpoint = checkpoint
    this.lastSent = checkpoint
    this.#read = checkpoint
    this.#strategy = consumerStrategy(settings.strategy)
    this.#policy = new CheckpointPolicy(settings)
    this.outstanding = new OutstandingMessages(settings.messageTimeoutMs, (messages) => {
      this.#tryAgain(messages)
    })
    this.#stop = dependencies.log.onCommitted(() => {
      this.pump()
    })
    this.#timer = setInterval(
      () => {
        this.#saveCheckpoint()
      },
      Math.max(settings.checkpointAfterMs, 100),
    ).unref()
  }

  /** Whether everything in the source was handed out. */
  get isLive(): boolean {
    return this.buffer.length === 0 && this.#read >= this.source.end()
  }

  /** @throws {GrpcError} The group takes no more consumers. */
  checkRoom(): void {
    const { maxSubscriberCount } = this.stored.settings
    if (maxSubscriberCount > 0 && this.consumers.length >= maxSubscriberCount) {
      throw maximumSubscribersReached(this.stored.key)
    }
  }

  /** Adds a consumer and starts sending to it. */
  join(consumer: Consumer): void {
    this.consumers.push(consumer)
    this.pump()
  }

  /** Removes a consumer; what it had not answered goes to the others. */
  leave(consumer: Consumer): void {
    const index = this.consumers.indexOf(consumer)
    if (index < 0) return
    this.consumers.splice(index, 1)
    const lost = [...consumer.inFlight.values()]
    consumer.inFlight.clear()
    this.#tryAgain(lost)
  }

  /** Takes in that a consumer handled messages. */
  acknowledge(consumer: Consumer, ids: readonly string[]): void {
    for (const id of ids) this.#finish(consumer, id)
    this.pump()
  }

  /** Takes in that a consumer could not handle messages. */
  refuse(consumer: Consumer, ids: readonly string[], action: NackAction, reason: string): void {
    for (const id of ids) {
      const message = this.outstanding.get(id)
      if (!message) continue
      if (action === 'skip') this.#finish(consumer, id)
      else {
        consumer.inFlight.delete(id)
        if (action === 'park') this.#park(message, `Client explicitly NAK'ed message.\n${reason}`)
        else this.#retry(message)
      }
    }
    this.pump()
  }

  /** Tries parked messages again, those before `stopAt`. */
  async replayParked(stopAt: number): Promise<void> {
    const messages = await this.dependencies.parked.takeOut(stopAt)
    for (const message of messages) insertInOrder(this.retries, message)
    this.pump()
  }

  /** Stops, and tells the consumers. */
  close(): void {
    this.#closed = true
    this.#stop()
    clearInterval(this.#timer)
    this.outstanding.close()
    const error = groupDropped(this.stored.key)
    for (const consumer of this.consumers.splice(0)) consumer.drop(error)
  }

  /** Sends what there is to whoever has room. */
  pump(): void {
    if (this.#closed || this.consumers.length === 0) return
    try {
      do {
        this.#dispatch(this.retries)
        this.#dispatch(this.buffer)
      } while (this.#fill())
      if (this.#policy.isDue) this.#saveCheckpoint()
    } catch (reason) {
      this.dependencies.failed(reason)
    }
  }

  #dispatch(queue: GroupMessage[]): void {
    let index = 0
    while (index < queue.length) {
      const message = queue[index]
      if (!message) return
      const isDuplicate = this.outstanding.get(message.id) !== undefined
      const consumer = isDuplicate ? undefined : this.#strategy.choose(this.consumers, message)
      if (consumer) {
        this.totalItems += 1
        this.lastSent = Math.max(this.lastSent, message.cursor ?? -1)
        this.outstanding.start(message)
        consumer.push(message)
      }
      if (consumer || isDuplicate) queue.splice(index, 1)
      else if (this.#strategy.mayPass) index += 1
      else return
    }
  }

  /** Reads on when there is room; true when it is worth dispatching again. */
  #fill(): boolean {
    const { readBatchSize, historyBufferSize, resolveLinks } = this.stored.settings
    const room = Math.min(readBatchSize, historyBufferSize - this.buffer.length)
    if (room <= 0 || !this.consumers.some((consumer) => consumer.availableSlots > 0)) return false
    const { events, seen } = this.source.read(this.#read, room)
    if (seen === this.#read) return false
    this.#read = seen
    for (const { cursor, frame } of events) {
      this.buffer.push(groupMessage(this.dependencies.log, frame, { cursor, resolveLinks }))
    }
    if (events.length > 0) return true
    // A filter passed over many events: go on in the next turn.
    this.#pumpSoon()
    return false
  }

  #pumpSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.pump()
    })
  }

  #finish(consumer: Consumer, id: string): void {
    consumer.inFlight.delete(id)
    if (this.outstanding.finish(id)) this.#policy.count(1)
  }

  #tryAgain(messages: readonly GroupMessage[]): void {
    for (const message of messages) {
      for (const consumer of this.consumers) consumer.inFlight.delete(message.id)
      this.#retry(message)
    }
    this.pump()
  }

  #retry(message: GroupMessage): void {
    const { maxRetryCount } = this.stored.settings
    if (message.retryCount >= maxRetryCount) {
      this.#park(message, `Reached retry count of ${maxRetryCount}`)
      return
    }
    this.outstanding.finish(message.id)
    insertInOrder(this.retries, { ...message, retryCount: message.retryCount + 1 })
  }

  #park(message: GroupMessage, reason: string): void {
    // It stays outstanding, without a deadline, until it is on disk: no checkpoint goes past it.
    this.outstanding.hold(message)
    this.dependencies.parked.park(message, reason).then(
      () => {
        if (this.outstanding.finish(message.id)) this.#policy.count(1)
        this.pump()
      },
      (failure: unknown) => {
        this.dependencies.failed(failure)
      },
    )
  }

  #saveCheckpoint(): void {
    const cursor = this.#doneUpTo()
    if (this.#saving || this.#closed || !this.#policy.isDue || cursor <= this.checkpoint) return
    this.#saving = true
    this.#policy.reset()
    this.dependencies.saveCheckpoint(this.stored.key, cursor).then(
      () => {
        this.checkpoint = cursor
        this.#saving = false
      },
      (failure: unknown) => {
        this.dependencies.failed(failure)
      },
    )
  }

  #doneUpTo(): number {
    let lowest = this.outstanding.lowestCursor()
    for (const { cursor } of this.retries) lowest = Math.min(lowest, cursor ?? Infinity)
    return Math.min(lowest - 1, this.lastSent)
  }
}
