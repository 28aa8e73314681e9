import { isPromiseLike } from '../aggregate/asynchronous.ts'
import type { LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import type { OpenAggregates } from '../aggregate/open-aggregates.ts'
import type { Snapshotter } from '../aggregate/snapshotter.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { WrongExpectedRevisionError } from '../event-store/expected-revision.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import type { CommandResult } from './command-result.ts'
import { beginRun, type CommandRun, contextOf, renew } from './command-run.ts'
import { decide, type Decided, decideOtherwise, Refusal } from './decide.ts'
import { Conflicts } from './settle-conflict.ts'

/** What an executor needs. */
export interface ExecutorPorts {
  readonly eventStore: EventStore
  readonly codec: EventCodec
  readonly aggregatesOf: (category: string) => OpenAggregates
  readonly snapshotter: Snapshotter | undefined
  /** How often a command is decided again after a conflict. */
  readonly conflictRetries: number
}

/** Loads, decides and appends: the innermost step of every command. */
export class CommandExecutor {
  readonly #ports: ExecutorPorts

  constructor(ports: ExecutorPorts) {
    this.#ports = ports
  }

  /**
   * Carries out one validated command, after those that came before it for the same aggregate.
   *
   * @throws {ConcurrencyError} Other writers were first in every try.
   * @throws {CommandIdReusedError} The id belongs to another command.
   * @throws {AggregateBusyError} Too many commands wait for the aggregate, or the one before it does not end.
   */
  async execute(envelope: CommandEnvelope): Promise<CommandResult> {
    const { command: definition, aggregate } = envelope.route
    const aggregateId = definition.aggregateId(envelope.command as object)
    const context = contextOf(envelope, aggregateId)
    const open = this.#ports.aggregatesOf(aggregate.category)
    const turn = open.beginTurn(aggregateId)
    if (turn) await turn
    let run: CommandRun | undefined
    try {
      const begun = beginRun(this.#ports, open, { envelope, context })
      run = isPromiseLike(begun) ? await this.#whenLoaded(begun) : begun
      return await this.#complete(run)
    } finally {
      // The next command may change the state, so it begins when a snapshot has written it down.
      if (run?.captured) void run.captured.then(() => open.endTurn(aggregateId))
      else open.endTurn(aggregateId)
    }
  }

  /** A state that took long to load is worth a snapshot, whatever the command comes to. */
  async #whenLoaded(begun: PromiseLike<CommandRun>): Promise<CommandRun> {
    const { snapshotter } = this.#ports
    const startedAt = performance.now()
    const run = await begun
    const { aggregate: definition } = run.envelope.route
    const { loaded, ids } = run.base
    if (!snapshotter?.isDueAfterLoad(definition, loaded, performance.now() - startedAt)) return run
    snapshotter.takeNow({ definition, loaded, ids })
    run.base = { ...run.base, loaded: { ...loaded, snapshotRevision: loaded.revision } }
    return run
  }

  /** Decides, on what is kept of the aggregate first, until the events are stored or the answer is certain. */
  async #complete(run: CommandRun): Promise<CommandResult> {
    let conflicts: Conflicts | undefined
    let merged: readonly object[] | undefined
    for (;;) {
      const first = run.history?.isOpen === true ? await this.#search(run) : undefined
      if (first) return first
      const deciding = merged
        ? decideOtherwise(this.#ports.codec, run, merged)
        : decide(this.#ports.codec, run)
      const decided = isPromiseLike(deciding) ? await deciding : deciding
      if (decided instanceof Refusal || decided.events.length === 0) {
        const isIntact =
          run.open.repository.definition.isChangedByDeciding !== true &&
          !(decided instanceof Refusal && decided.isOfFold)
        if (run.isFresh) return believe(run, decided, isIntact)
        await renew(this.#ports, run, isIntact)
        continue
      }
      const answer = await this.#append(run, decided)
      if (!(answer instanceof WrongExpectedRevisionError)) return answer
      conflicts ??= new Conflicts(this.#ports, run)
      merged = await conflicts.settle(decided, answer)
    }
  }

  async #search(run: CommandRun): Promise<CommandResult | undefined> {
    const found = await run.history?.search(run.base)
    if (found) run.base = { ...run.base, ids: found.ids }
    if (found?.first) keep(run)
    return found?.first
  }

  /** An outcome nobody knows is thrown on, and nothing is kept that it could contradict. */
  async #append(
    run: CommandRun,
    { events, encoded, state }: Decided,
  ): Promise<CommandResult | WrongExpectedRevisionError> {
    const { loaded, ids, readAt } = run.base
    const { id, stream, snapshotRevision } = loaded
    const { commandId } = run.context
    const expected = loaded.revision ?? 'no-stream'
    try {
      const appended = await this.#ports.eventStore.append(stream, encoded, { expected })
      const { revision, position } = appended
      ids?.add(commandId)
      const after = { id, stream, state, revision, snapshotRevision }
      run.base = { loaded: this.#snapshot(run, after), ids, readAt }
      keep(run)
      return { commandId, stream, events, revision, position, isRepeated: false }
    } catch (error) {
      if (error instanceof WrongExpectedRevisionError) return error
      throw error
    }
  }

  /** Returns the aggregate as it is with the snapshot taken, where one is due. */
  #snapshot(run: CommandRun, after: LoadedAggregate<unknown>): LoadedAggregate<unknown> {
    const { snapshotter } = this.#ports
    const { aggregate: definition } = run.envelope.route
    const { loaded: before, ids } = run.base
    if (!snapshotter?.isDueAfterAppend(definition, before, after)) return after
    run.captured = snapshotter.take({ definition, loaded: after, ids })
    return { ...after, snapshotRevision: after.revision }
  }
}

function keep({ open, base }: CommandRun): void {
  open.put(base.loaded.id, base)
}

function believe(run: CommandRun, decided: Decided | Refusal, isIntact: boolean): CommandResult {
  if (decided instanceof Refusal) throw decided.cause
  if (isIntact) keep(run)
  const { stream, revision } = run.base.loaded
  const { commandId } = run.context
  return { commandId, stream, events: [], revision, position: undefined, isRepeated: false }
}
