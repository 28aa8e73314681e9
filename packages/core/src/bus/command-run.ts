import type { KeptAggregate } from '../aggregate/aggregate-cache.ts'
import type { CommandContext, Decision } from '../aggregate/aggregate-definition.ts'
import { isPromiseLike } from '../aggregate/asynchronous.ts'
import type { OpenAggregates } from '../aggregate/open-aggregates.ts'
import { WrongExpectedRevisionError } from '../event-store/expected-revision.ts'
import type { EventToAppend } from '../event-store/recorded-event.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import type { ExecutorPorts } from './command-executor.ts'
import { CommandHistory, type ReadAggregate } from './command-history.ts'
import type { CommandResult } from './command-result.ts'
import { conflictLost } from './conflict.ts'
import { decideWithin, type DecisionScope } from './decision-scope.ts'
import { encodeDecided } from './encode-decided.ts'
import { pause } from './pause.ts'

/** What a decision is made on. */
interface Base extends KeptAggregate {
  /** Whether its stream was read for this command; if not, others may have added to it. */
  readonly isFresh: boolean
}

/** What a decision came to, ready to be stored. */
interface Decided {
  readonly events: readonly object[]
  readonly encoded: readonly EventToAppend[]
  readonly state: unknown
}

/** A handler, a fold or an event refused. */
class Refusal {
  constructor(readonly cause: unknown) {}
}

/** One command on one aggregate, from its turn to its answer. */
export class CommandRun {
  readonly #ports: ExecutorPorts
  readonly #open: OpenAggregates
  readonly #envelope: CommandEnvelope
  readonly #context: CommandContext
  readonly #history: CommandHistory

  constructor(
    ports: ExecutorPorts,
    open: OpenAggregates,
    { envelope, context }: { envelope: CommandEnvelope; context: CommandContext },
  ) {
    this.#ports = ports
    this.#open = open
    this.#envelope = envelope
    this.#context = context
    this.#history = new CommandHistory(ports, open.repository, envelope)
  }

  /** Decides, on what is kept of the aggregate first, until the events are stored or the answer is certain. */
  async complete(): Promise<CommandResult> {
    let conflicts = 0
    const kept = this.#kept()
    let base = kept ?? (await this.#read())
    for (;;) {
      if (this.#history.isOpen) {
        const { first, ids } = await this.#history.search(base)
        base = { ...base, ids }
        if (first) return this.#keep(base, first)
      }
      const deciding = this.#decide(base)
      const decided = isPromiseLike(deciding) ? await deciding : deciding
      if (decided instanceof Refusal || decided.events.length === 0) {
        const isIntact = !this.#open.repository.definition.isChangedByDeciding
        if (base.isFresh) return this.#believe(base, decided, isIntact)
        base = await this.#renew(base, isIntact)
        continue
      }
      const answer = await this.#append(base, decided)
      if (!(answer instanceof WrongExpectedRevisionError)) return answer
      if (base.isFresh) {
        conflicts += 1
        if (conflicts > this.#ports.conflictRetries)
          throw conflictLost(this.#envelope.route.command.type, conflicts, answer)
        await pause(Math.random() * 10 * 2 ** conflicts)
      }
      // A fold that returns another state has left the one it was given as it was.
      base = await this.#renew(base, decided.state !== base.loaded.state)
    }
  }

  #kept(): Base | undefined {
    const kept = this.#open.takeRecent(this.#context.aggregateId, this.#context.now)
    return kept && { ...kept, isFresh: false }
  }

  async #read(): Promise<Base> {
    const { aggregateId } = this.#context
    const old = this.#open.take(aggregateId)
    return this.#fresh(
      await (old ? this.#history.renew(old, true) : this.#history.load(aggregateId)),
    )
  }

  async #renew(base: Base, isIntact: boolean): Promise<Base> {
    return this.#fresh(await this.#history.renew(base, isIntact))
  }

  #fresh(read: ReadAggregate): Base {
    return { ...read, readAt: this.#context.now.getTime(), isFresh: true }
  }

  #decide(base: Base): Decided | Refusal | Promise<Decided | Refusal> {
    const { handling, command } = this.#envelope.route
    const scope: DecisionScope = {
      commandType: command.type,
      stream: base.loaded.stream,
      isOver: false,
    }
    const done = (decision: Decision<unknown>): Decided | Refusal => {
      scope.isOver = true
      return this.#prepare(base, decision)
    }
    const refused = (cause: unknown): Refusal => {
      scope.isOver = true
      return new Refusal(cause)
    }
    try {
      const decision = decideWithin(scope, handling.isAsync === true, () =>
        handling.decide(base.loaded.state, this.#envelope.command as object, this.#context),
      )
      return isPromiseLike(decision) ? decision.then(done, refused) : done(decision)
    } catch (error) {
      return refused(error)
    }
  }

  /** What cannot be encoded or folded must not be stored, so it is found out before. */
  #prepare(base: Base, decision: Decision<unknown>): Decided | Refusal {
    const { events } = decision
    const { state } = base.loaded
    try {
      const encoded = encodeDecided(this.#ports.codec, events, this.#envelope)
      const next =
        'state' in decision ? decision.state : this.#open.repository.evolve(state, events)
      return { events, encoded, state: next }
    } catch (error) {
      return new Refusal(error)
    }
  }

  #believe(base: Base, decided: Decided | Refusal, isIntact: boolean): CommandResult {
    if (isIntact) this.#keep(base)
    if (decided instanceof Refusal) throw decided.cause
    const { stream, revision } = base.loaded
    const { commandId } = this.#context
    return { commandId, stream, events: [], revision, position: undefined, isRepeated: false }
  }

  /** An outcome nobody knows is thrown on, and nothing is kept that it could contradict. */
  async #append(
    base: Base,
    { events, encoded, state }: Decided,
  ): Promise<CommandResult | WrongExpectedRevisionError> {
    const { loaded, ids } = base
    const { id, stream } = loaded
    const { commandId } = this.#context
    const expected = loaded.revision ?? 'no-stream'
    try {
      const { revision, position } = await this.#ports.eventStore.append(stream, encoded, {
        expected,
      })
      ids?.add(commandId)
      const after = { id, stream, state, revision, snapshotRevision: loaded.snapshotRevision }
      this.#ports.snapshotter?.afterAppend(this.#envelope.route.aggregate, loaded, after)
      return this.#keep(
        { ...base, loaded: after },
        { commandId, stream, events, revision, position, isRepeated: false },
      )
    } catch (error) {
      if (error instanceof WrongExpectedRevisionError) return error
      throw error
    }
  }

  #keep<Answer>({ loaded, ids, readAt }: Base, answer?: Answer): Answer {
    this.#open.put(loaded.id, { loaded, ids, readAt })
    return answer as Answer
  }
}
