import { pause } from '../bus/pause.ts'
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.ts'
import { CircuitOpenError } from '../circuit-breaker/circuit-open-error.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { callReaction } from './call-reaction.ts'
import { CausedCommands, type FindCommand } from './caused-commands.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import type { EventHandlerPorts } from './event-handler-ports.ts'
import type { HandlerBook } from './handler-book.ts'

/** What calls of a handler are made with. */
export interface EventCallsOptions {
  readonly definition: EventHandlerDefinition
  readonly ports: EventHandlerPorts
  readonly find: FindCommand
  readonly book: HandlerBook
  readonly graceMs: number
  /** Ends the session. */
  readonly signal: AbortSignal
}

/** How far the delivery of one recorded event is. */
export interface Delivered {
  readonly event: RecordedEvent
  readonly isReplay: boolean
  /** How many of the events it stands for are done with. */
  parts: number
}

const shortestWaitMs = 50

/** Calls a handler, through its circuit where it has one. */
export class EventCalls {
  readonly #options: EventCallsOptions

  constructor(options: EventCallsOptions) {
    this.#options = options
  }

  /** Calls the handler for each event that a recorded one stands for, from the first it is not past. */
  async call(delivered: Delivered, attempt: number): Promise<void> {
    const { ports, book } = this.#options
    const { event } = delivered
    const parts = ports.codec.upcast(event) ?? [event]
    while (delivered.parts < parts.length) {
      await this.#callPart(parts[delivered.parts] as RecordedEvent, delivered, attempt)
      delivered.parts += 1
    }
    book.handled += 1
  }

  /** How many events a recorded one stands for; none where it cannot be brought up. */
  countParts(event: RecordedEvent): number {
    try {
      return this.#options.ports.codec.upcast(event)?.length ?? 1
    } catch {
      return 0
    }
  }

  /** How long to wait for a circuit that this failure found open, or has opened; undefined: it did neither. */
  outageMs(cause: unknown): number | undefined {
    const { circuit } = this.#options.definition
    if (circuit && circuit.waitMs > 0 && circuit.status.lastError === cause) return circuit.waitMs
    if (!(cause instanceof CircuitOpenError)) return undefined
    return Math.max(shortestWaitMs, cause.until.getTime() - Date.now())
  }

  /** Waits while the circuit is open. False: the session ended first. */
  async circuitLetsThrough(): Promise<boolean> {
    const { definition, book, signal } = this.#options
    const { circuit } = definition
    for (let ms = circuit?.waitMs ?? 0; ms > 0 && !signal.aborted; ms = circuit?.waitMs ?? 0) {
      book.state = 'waiting'
      await pause(Math.min(ms, 1_000), signal)
    }
    return !signal.aborted
  }

  async #callPart(
    event: RecordedEvent,
    { isReplay, parts: part }: Delivered,
    attempt: number,
  ): Promise<void> {
    const { definition, ports, graceMs, signal, find } = this.#options
    const { name: handler, circuit } = definition
    const commands = new CausedCommands({ bus: ports.commands, find, handler, event, part })
    const call = (): Promise<void> =>
      callReaction({ ...ports, graceMs }, event, {
        definition,
        attempt,
        isReplay,
        signal,
        commands,
        part,
      })
    await (circuit ? this.#through(circuit, call) : call())
  }

  /** Others may open a circuit between a look at it and the call: then the call was not made, and is made later. */
  async #through(circuit: CircuitBreaker, call: () => Promise<void>): Promise<void> {
    let isMade = false as boolean
    const make = (): Promise<void> => {
      isMade = true
      return call()
    }
    for (;;)
      try {
        await circuit.run(make)
        return
      } catch (error) {
        if (isMade || !(await this.circuitLetsThrough())) throw error
      }
  }
}
