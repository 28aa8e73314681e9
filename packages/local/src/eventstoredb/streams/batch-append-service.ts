import type { GrpcCall, GrpcHandler } from '../grpc/grpc-call.ts'
import { asGrpcError, GrpcError } from '../grpc/grpc-status.ts'
import type { StreamWriter, WriteResult } from '../log/stream-writer.ts'
import { type BatchAppendMessage, readBatchAppendMessage } from '../wire/append-messages.ts'
import {
  type BatchFailure,
  badRequestDetails,
  batchFailed,
  batchSucceeded,
  conflictDetails,
  maxAppendSizeDetails,
  streamDeletedDetails,
} from '../wire/append-responses.ts'
import type { ProposedEvent } from '../wire/event-frame.ts'
import type { ExpectedRevision } from '../wire/expected-revision.ts'
import { readProposedEvent } from '../wire/proposed-event.ts'
import { MAX_APPEND_BYTES } from './stream-errors.ts'

/** Appends waiting for the disk at which a client is held back. */
const MOST_IN_FLIGHT_BYTES = 16 * 1024 * 1024

/** Handles `Streams/BatchAppend`: many appends at once on one call, answered as they are stored. */
export function batchAppendHandler(writer: StreamWriter): GrpcHandler {
  return (call) => {
    const batch = new BatchAppendCall(call, writer)
    call.receive(
      (request) => {
        batch.take(readBatchAppendMessage(request))
      },
      () => {
        batch.finish()
      },
    )
  }
}

/** An append of which not all parts have come. */
interface PendingAppend {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly deadline: number
  readonly events: ProposedEvent[]
  bytes: number
}

class BatchAppendCall {
  readonly #pending = new Map<string, PendingAppend>()
  #inFlight = 0
  #inFlightBytes = 0
  #finished = false

  constructor(
    private readonly call: GrpcCall,
    private readonly writer: StreamWriter,
  ) {}

  /** Takes one part of an append; the last one starts the write. */
  take(message: BatchAppendMessage): void {
    const key = Buffer.from(message.correlation).toString('latin1')
    const stream = message.options?.stream ?? this.#pending.get(key)?.stream ?? ''
    try {
      const pending = this.#collect(key, message)
      if (!pending || !message.isFinal) return
      this.#pending.delete(key)
      this.#write(message.correlation, pending)
    } catch (reason) {
      this.#pending.delete(key)
      this.#answer(batchFailed(message.correlation, stream, failureFrom(reason)))
    }
  }

  /** The client sends nothing more: the call ends after the last answer. */
  finish(): void {
    this.#finished = true
    if (this.#inFlight === 0) this.call.end()
  }

  #collect(key: string, { options, proposals }: BatchAppendMessage): PendingAppend | undefined {
    if (options && !this.#pending.has(key)) {
      const { stream, expected, deadline } = options
      if (stream === '' || expected === undefined) {
        throw new BatchRefusal(badRequest('A stream and an expected position are required.'))
      }
      if (stream === '$all') throw new BatchRefusal(ACCESS_DENIED)
      this.#pending.set(key, { stream, expected, deadline, events: [], bytes: 0 })
    }
    const pending = this.#pending.get(key)
    if (!pending) return undefined
    if (pending.deadline <= Date.now()) throw new BatchRefusal(TIMEOUT)
    for (const proposal of proposals) {
      const event = readProposedEvent(proposal)
      pending.events.push(event)
      pending.bytes += event.data.length
    }
    if (pending.bytes > MAX_APPEND_BYTES) throw new BatchRefusal(TOO_LARGE)
    return pending
  }

  #write(correlation: Uint8Array, pending: PendingAppend): void {
    const { stream, expected, events, bytes } = pending
    this.#inFlight += 1
    this.#inFlightBytes += bytes
    if (this.#inFlightBytes > MOST_IN_FLIGHT_BYTES) this.call.pause()
    this.writer.append(stream, expected, events).then(
      (result) => {
        this.#inFlight -= 1
        this.#inFlightBytes -= bytes
        if (this.#inFlightBytes <= MOST_IN_FLIGHT_BYTES) this.call.resume()
        this.#answer(answerTo(correlation, stream, expected, result))
        if (this.#finished && this.#inFlight === 0) this.call.end()
      },
      (reason: unknown) => {
        this.call.end(asGrpcError(reason))
      },
    )
  }

  #answer(frame: Buffer): void {
    this.call.send(frame)
  }
}

/** Refuses one append of the batch; the others go on. */
class BatchRefusal extends GrpcError {
  constructor(readonly failure: BatchFailure) {
    super(failure.code, failure.name)
  }
}

function answerTo(
  correlation: Uint8Array,
  stream: string,
  expected: ExpectedRevision,
  result: WriteResult,
): Buffer {
  switch (result.outcome) {
    case 'written':
      return batchSucceeded(correlation, stream, result)
    case 'conflict':
      return batchFailed(correlation, stream, {
        code: 6,
        name: 'WrongExpectedVersion',
        details: conflictDetails(expected, result.actual),
      })
    case 'deleted':
      return batchFailed(correlation, stream, {
        code: 5,
        name: 'StreamDeleted',
        details: streamDeletedDetails(stream),
      })
  }
}

const NOTHING = new Uint8Array(0)
const ACCESS_DENIED: BatchFailure = { code: 7, name: 'AccessDenied', details: NOTHING }
const TIMEOUT: BatchFailure = { code: 4, name: 'Timeout', details: NOTHING }
const TOO_LARGE: BatchFailure = {
  code: 3,
  name: 'MaximumAppendSizeExceeded',
  details: maxAppendSizeDetails(MAX_APPEND_BYTES),
}

function badRequest(reason: string): BatchFailure {
  return { code: 3, name: 'BadRequest', details: badRequestDetails(reason) }
}

function failureFrom(reason: unknown): BatchFailure {
  if (reason instanceof BatchRefusal) return reason.failure
  return badRequest(reason instanceof Error ? reason.message : String(reason))
}
