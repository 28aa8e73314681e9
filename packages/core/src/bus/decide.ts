import type { Decision } from '../aggregate/aggregate-definition.ts'
import { isPromiseLike } from '../aggregate/asynchronous.ts'
import type { EventToAppend } from '../event-store/recorded-event.ts'
import type { EventCodec } from '../serialization/event-codec.ts'
import type { CommandRun } from './command-run.ts'
import { decideWithin, type DecisionScope } from './decision-scope.ts'
import { encodeDecided } from './encode-decided.ts'

/** What a decision came to, ready to be stored. */
export interface Decided {
  readonly events: readonly object[]
  readonly encoded: readonly EventToAppend[]
  /** The state with the events in it. */
  readonly state: unknown
}

/** A handler, a fold or the codec refused. */
export class Refusal {
  constructor(
    readonly cause: unknown,
    /** Whether it was a fold, which may have changed the state before. */
    readonly isOfFold = false,
  ) {}
}

/** Has the handler decide, on what the run knows of the aggregate. */
export function decide(
  codec: EventCodec,
  run: CommandRun,
): Decided | Refusal | Promise<Decided | Refusal> {
  const { envelope, context, base } = run
  const { handling, command } = envelope.route
  const { stream, state } = base.loaded
  const scope: DecisionScope = { commandType: command.type, stream, isOver: false }
  try {
    const decision = decideWithin(scope, handling, () =>
      handling.decide(state, envelope.command as object, context),
    )
    if (isPromiseLike(decision)) return whenDecided(codec, run, scope, decision)
    scope.isOver = true
    return prepare(codec, run, decision)
  } catch (error) {
    scope.isOver = true
    return new Refusal(error)
  }
}

async function whenDecided(
  codec: EventCodec,
  run: CommandRun,
  scope: DecisionScope,
  deciding: PromiseLike<Decision<unknown>>,
): Promise<Decided | Refusal> {
  try {
    return prepare(codec, run, await deciding)
  } catch (error) {
    return new Refusal(error)
  } finally {
    scope.isOver = true
  }
}

/** Takes events for the decision that were not decided on by the handler. */
export function decideOtherwise(
  codec: EventCodec,
  run: CommandRun,
  events: readonly object[],
): Decided | Refusal {
  try {
    return prepare(codec, run, { events })
  } catch (error) {
    return new Refusal(error)
  }
}

/** What cannot be encoded or folded must not be stored, so it is found out before. */
function prepare(
  codec: EventCodec,
  { envelope, open, base }: CommandRun,
  decision: Decision<unknown>,
): Decided | Refusal {
  const { events } = decision
  const encoded = encodeDecided(codec, events, envelope, base.loaded.stream)
  if ('state' in decision) return { events, encoded, state: decision.state }
  try {
    return { events, encoded, state: open.repository.evolve(base.loaded.state, events) }
  } catch (error) {
    return new Refusal(error, true)
  }
}
