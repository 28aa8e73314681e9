import type { KeptAggregate } from '../aggregate/aggregate-cache.ts'
import type { CommandContext } from '../aggregate/aggregate-definition.ts'
import type { OpenAggregates } from '../aggregate/open-aggregates.ts'
import type { CommandEnvelope } from './command-envelope.ts'
import { CommandHistory, type HistoryPorts } from './command-history.ts'

/** One command on one aggregate, from its turn to its answer. */
export interface CommandRun {
  readonly envelope: CommandEnvelope
  /** Anew for each decision, since a handler may set its date. */
  context: CommandContext
  readonly open: OpenAggregates
  /** Undefined as long as nothing has to be looked for. */
  history: CommandHistory | undefined
  /** What is known of the aggregate. Nobody else has it. */
  base: KeptAggregate
  /** Whether its stream was read for this command; if not, others may have added to it. */
  isFresh: boolean
  /** When a snapshot has the state, where one is taken. */
  captured?: Promise<void>
}

/** Begins with what is kept of the aggregate, or by reading its stream. */
export function beginRun(
  ports: HistoryPorts,
  open: OpenAggregates,
  { envelope, context }: Pick<CommandRun, 'envelope' | 'context'>,
): CommandRun | Promise<CommandRun> {
  const kept = open.take(context.aggregateId)
  const isGiven = envelope.options.id !== undefined
  const history = isGiven ? new CommandHistory(ports, open.repository, envelope) : undefined
  if (kept && !open.isTooOld(kept, context.now))
    return { envelope, context, open, history, base: kept, isFresh: false }
  return readFirst(ports, { envelope, context, open, history }, kept)
}

/**
 * Reads what was added to the stream since.
 *
 * @param isIntact Whether the state is still the one that was kept or loaded.
 */
export async function renew(
  ports: HistoryPorts,
  run: CommandRun,
  isIntact: boolean,
): Promise<void> {
  run.history ??= new CommandHistory(ports, run.open.repository, run.envelope)
  run.context = contextOf(run.envelope, run.context.aggregateId)
  const { loaded, ids } = await run.history.renew(run.base, isIntact)
  run.base = { loaded, ids, readAt: run.context.now.getTime() }
  run.isFresh = true
}

async function readFirst(
  ports: HistoryPorts,
  run: Omit<CommandRun, 'base' | 'isFresh'>,
  old: KeptAggregate | undefined,
): Promise<CommandRun> {
  const { open, envelope, context } = run
  const readAt = context.now.getTime()
  if (!old && !run.history) {
    const loaded = await open.repository.load(context.aggregateId)
    return { ...run, base: { loaded, ids: undefined, readAt }, isFresh: true }
  }
  const history = run.history ?? new CommandHistory(ports, open.repository, envelope)
  const read = await (old ? history.renew(old, true) : history.load(context.aggregateId))
  return { ...run, history, base: { ...read, readAt }, isFresh: true }
}

/**
 * What a handler is told, with a date of its own. Spelled out, as everything each command makes anew: spreading an
 * object costs more than a promise.
 */
export function contextOf({ context }: CommandEnvelope, aggregateId: string): CommandContext {
  const { commandId, correlationId, actor, tenant, now, resolve } = context
  const own = new Date(now)
  return { commandId, aggregateId, correlationId, actor, tenant, now: own, resolve }
}
