import type { CommandResult } from '../bus/command-result.ts'
import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { ApplicationModel } from '../model/application-model.ts'
import type { EventHandlerDefinition } from './event-handler-definition.ts'
import { EventHandlerDeadLetters } from './event-handler-dead-letters.ts'
import {
  NotTheNextEventError,
  ReplayRefusedError,
  UnknownEventHandlerError,
} from './event-handler-errors.ts'
import type { EventHandlerPorts, EventHandlerTuning } from './event-handler-ports.ts'
import { EventHandlerRunner } from './event-handler-runner.ts'
import type { EventHandlerStatus } from './event-handler-status.ts'
import { openHandler, positionBefore } from './open-handler.ts'

/** Options of {@link EventHandlers.replay}. */
export interface HandlerReplayOptions {
  /** First event to be handled again: the first of the log, or the one at a position, inclusive. */
  readonly from: 'beginning' | bigint
}

/** Options of {@link EventHandlers.waitFor}. */
export interface HandlerWaitOptions {
  /** Longest wait, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number
}

/** The event handlers of an application: starts, watches and steers them. */
export class EventHandlers {
  readonly #ports: EventHandlerPorts
  readonly #runners = new Map<string, EventHandlerRunner>()

  constructor(
    model: Pick<ApplicationModel, 'commands' | 'eventHandlers'>,
    ports: EventHandlerPorts,
    tuning: EventHandlerTuning = {},
  ) {
    this.#ports = ports
    const commands = new Map<unknown, CommandDefinition>()
    for (const { command } of model.commands.values()) {
      commands.set(command, command)
      if (command.class) commands.set(command.class, command)
    }
    const options = {
      ports,
      find: (command: unknown) => commands.get(command),
      tuning: {
        leaseMs: tuning.leaseMs ?? 5_000,
        retryDelaysMs: tuning.retryDelaysMs ?? [1_000, 2_000, 4_000, 8_000, 16_000],
        maxDeadLetters: tuning.maxDeadLetters ?? 10_000,
        graceMs: tuning.graceMs ?? 10_000,
        owner: tuning.owner ?? ports.ids.next(),
      },
    }
    for (const definition of model.eventHandlers)
      this.#runners.set(definition.name, new EventHandlerRunner(definition, options))
  }

  /**
   * Starts all event handlers. Handlers that are new have their place in the log once this resolves, so what is
   * recorded after that reaches them.
   */
  async start(): Promise<void> {
    for (const { definition } of this.#runners.values()) await openHandler(this.#ports, definition)
    for (const runner of this.#runners.values()) runner.start()
  }

  /** Lets the calls under way come to their end and stops all event handlers. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()))
  }

  /** Tells what each event handler is doing in this process. */
  status(): readonly EventHandlerStatus[] {
    return [...this.#runners.values()].map((runner) => runner.status)
  }

  /**
   * Has a handler rest, in all processes and over restarts, until {@link resume}. Resolves when the call under way
   * in this process has come to its end; another process notices within a third of its lease.
   *
   * @throws {UnknownEventHandlerError}
   */
  async pause(name: string): Promise<void> {
    await this.#runner(name).whileStopped(() => this.#ports.progress.setPaused(name, true))
  }

  /**
   * Has a handler go on that was paused, or try again what it halted on.
   *
   * @throws {UnknownEventHandlerError}
   */
  async resume(name: string): Promise<void> {
    await this.#runner(name).whileStopped(() => this.#ports.progress.setPaused(name, false))
  }

  /**
   * Sets a handler back on purpose: it handles events again from there, told by `context.isReplay`.
   *
   * @throws {ReplayRefusedError} It is not defined with `onReplay: true`.
   * @throws {UnknownEventHandlerError}
   */
  async replay(name: string, { from }: HandlerReplayOptions): Promise<void> {
    const runner = this.#runner(name)
    if (!runner.definition.onReplay) throw new ReplayRefusedError(name)
    const { eventStore, progress } = this.#ports
    const position = from === 'beginning' ? undefined : await positionBefore(eventStore, from)
    await runner.whileStopped(() => progress.move(name, position))
  }

  /**
   * Leaves an event out for good, so that a handler which halted on it goes on with the next.
   *
   * @param position Of that event, which must be the handler's next one: `status().event`.
   * @throws {NotTheNextEventError} It is not.
   * @throws {UnknownEventHandlerError}
   */
  async skip(name: string, position: bigint): Promise<void> {
    const runner = this.#runner(name)
    const { progress } = this.#ports
    await runner.whileStopped(async () => {
      const taken = await progress.take(name)
      const next = await nextEvent(this.#ports, runner.definition, taken.position)
      if (next?.position !== position) throw new NotTheNextEventError(name, position, next)
      await progress.advance(taken, position)
    })
  }

  /**
   * The events a handler could not handle.
   *
   * @throws {UnknownEventHandlerError}
   */
  deadLetters(name: string): EventHandlerDeadLetters {
    const runner = this.#runner(name)
    return new EventHandlerDeadLetters(name, this.#ports.deadLetters, () => runner.wake())
  }

  /**
   * Waits until a handler is done with everything up to a position, in this process or in another.
   *
   * @param after The position, or a command whose events are meant.
   * @throws {EventHandlerLagError} It took longer than `timeoutMs`.
   * @throws {EventHandlerHaltedError} It gave up on an event before.
   * @throws {UnknownEventHandlerError}
   */
  async waitFor(
    name: string,
    after: bigint | Pick<CommandResult, 'position'>,
    { timeoutMs = 5_000 }: HandlerWaitOptions = {},
  ): Promise<void> {
    const runner = this.#runner(name)
    const position = typeof after === 'bigint' ? after : after.position
    if (position !== undefined) await runner.waitFor(position, timeoutMs)
  }

  #runner(name: string): EventHandlerRunner {
    const runner = this.#runners.get(name)
    if (!runner) throw new UnknownEventHandlerError(name, [...this.#runners.keys()])
    return runner
  }
}

/** The first event after a position that a handler asks for; undefined: there is none yet. */
async function nextEvent(
  { eventStore, codec }: EventHandlerPorts,
  { reactions }: EventHandlerDefinition,
  after: bigint | undefined,
): Promise<RecordedEvent | undefined> {
  const types = codec.storedTypesOf(reactions.map(({ event }) => event.type))
  const subscription = eventStore.subscribe({ types, ...(after !== undefined && { after }) })
  try {
    for await (const { events, isCaughtUp } of subscription)
      if (events.length > 0 || isCaughtUp) return events[0]
    return undefined
  } finally {
    await subscription.stop()
  }
}
