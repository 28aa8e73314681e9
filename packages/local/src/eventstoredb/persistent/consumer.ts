import { randomUUID } from 'node:crypto'
import type { GrpcCall } from '../grpc/grpc-call.ts'
import type { GrpcError } from '../grpc/grpc-status.ts'
import { resolvedEvent } from '../wire/read-responses.ts'
import type { GroupMessage } from './group-message.ts'

/** What a client said when it joined a group. */
export interface ConsumerOptions {
  /** Messages it takes without having answered the ones before. */
  readonly bufferSize: number
  readonly structuredIds: boolean
}

/** One client of a group. */
export class Consumer {
  readonly id = randomUUID()
  readonly inFlight = new Map<string, GroupMessage>()
  totalItems = 0
  /** Value of {@link totalItems} when statistics were last asked for. */
  measuredItems = 0

  constructor(
    private readonly call: GrpcCall,
    private readonly options: ConsumerOptions,
  ) {}

  /** Address and port of the client. */
  get from(): string {
    return this.call.peer
  }

  /** The name the client gave its connection. */
  get connectionName(): string {
    const name = this.call.headers['connection-name']
    return typeof name === 'string' ? name : '<unknown>'
  }

  /** Messages it takes before it has to answer one. */
  get availableSlots(): number {
    return Math.max(this.options.bufferSize - this.inFlight.size, 0)
  }

  /** Sends a message. */
  push(message: GroupMessage): void {
    this.inFlight.set(message.id, message)
    this.totalItems += 1
    const { structuredIds } = this.options
    this.call.send(resolvedEvent(message.frames, { structuredIds, retryCount: message.retryCount }))
  }

  /** Ends its call. */
  drop(error: GrpcError): void {
    this.call.end(error)
  }
}
