import type { Logger } from '../environment/logger.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { closeScope, type HandlerResolver } from '../message/handler-resolver.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { CausedCommands } from './caused-commands.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import { EventHandlerTimeoutError } from './event-handler-errors.ts'
import { ReactionContext } from './reaction-context.ts'

/** What a call needs besides its event. */
export interface ReactionPorts {
  readonly codec: EventCodec
  readonly resolver: HandlerResolver
  readonly logger: Logger
  /** How long a call may take to end once it is told to, in milliseconds. */
  readonly graceMs: number
}

/** What one call is about. */
export interface CallOptions {
  readonly definition: EventHandlerDefinition
  readonly attempt: number
  readonly isReplay: boolean
  /** Tells the call to end; it is waited for no longer than the grace time from then. */
  readonly signal: AbortSignal
  readonly commands: CausedCommands
  /** Which of the events that the recorded one stands for this is, from 0. */
  readonly part: number
}

/**
 * Calls what an event handler does with an event, in a scope of its own. Does nothing where it asks for no such event.
 *
 * @param event As declared now.
 * @throws {EventHandlerTimeoutError} It took too long, or did not end when it was told to.
 * @throws What the handler, its resolver or the codec threw.
 */
export async function callReaction(
  ports: ReactionPorts,
  event: RecordedEvent,
  { definition, attempt, isReplay, signal, commands, part }: CallOptions,
): Promise<void> {
  const reaction = definition.reactions.find((one) => one.event.type === event.type)
  if (!reaction) return
  const ending = new AbortController()
  const scope = ports.resolver.open()
  try {
    const context = new ReactionContext(event, {
      handler: definition.name,
      attempt,
      isReplay,
      signal: ending.signal,
      commands,
      part,
    })
    const react = async (): Promise<unknown> =>
      reaction.handle(ports.codec.decode(event), context, scope)
    await inTime(react(), {
      signal,
      graceMs: ports.graceMs,
      timeoutMs: definition.timeoutMs,
      onStop: () => ending.abort(signal.reason),
      onLate: (ms) => {
        const error = new EventHandlerTimeoutError(definition.name, ms)
        ending.abort(error)
        return error
      },
    })
  } finally {
    await closeScope(scope, ports.logger)
  }
}

interface Limits {
  readonly signal: AbortSignal
  readonly graceMs: number
  readonly timeoutMs: number
  readonly onStop: () => void
  /** Makes the error of a call that took so many milliseconds. */
  readonly onLate: (ms: number) => Error
}

/** Node runs a longer timer at once; who asks for one wants none. */
const longestTimerMs = 2 ** 31 - 1

/** Waits for a call, but not for ever. */
async function inTime(
  call: Promise<unknown>,
  { signal, graceMs, timeoutMs, onStop, onLate }: Limits,
): Promise<void> {
  const timers: NodeJS.Timeout[] = []
  let stop = (): void => undefined
  const limit = new Promise<never>((_resolve, reject) => {
    const giveUpAfter = (ms: number): void => {
      if (ms <= longestTimerMs) timers.push(setTimeout(() => reject(onLate(ms)), ms))
    }
    giveUpAfter(timeoutMs)
    stop = () => {
      onStop()
      giveUpAfter(graceMs)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([call, limit])
  } finally {
    signal.removeEventListener('abort', stop)
    for (const timer of timers) clearTimeout(timer)
  }
}
