import { ConcurrencyError } from '../aggregate/aggregate-errors.ts'
import type { ConflictAnswer } from '../aggregate/conflict.ts'
import type { WrongExpectedRevisionError } from '../event-store/expected-revision.ts'
import { type HistoryPorts } from './command-history.ts'
import { type CommandRun, renew } from './command-run.ts'
import type { Decided } from './decide.ts'
import { pause } from './pause.ts'

const longestPauseMs = 10

/** How conflicts are settled. */
export interface ConflictPorts extends HistoryPorts {
  /** How often a command is tried again after a conflict. */
  readonly conflictRetries: number
}

/** The conflicts of one command. */
export class Conflicts {
  #count = 0
  readonly #ports: ConflictPorts
  readonly #run: CommandRun
  /** What was decided on when the first of them happened, and at which revision. */
  #first: { readonly events: readonly object[]; readonly revision: bigint | undefined } | undefined

  constructor(ports: ConflictPorts, run: CommandRun) {
    this.#ports = ports
    this.#run = run
  }

  /**
   * Reads what others stored, and says how to go on: by deciding again, or by storing events in the place of the
   * decided ones.
   *
   * A decision that was made on what was kept, without a look at the stream, has lost against nobody: it is made
   * again, and nobody asks its policy.
   *
   * @throws {ConcurrencyError} The policy gives up, or there were too many conflicts.
   */
  async settle(
    decided: Decided,
    conflict: WrongExpectedRevisionError,
  ): Promise<readonly object[] | undefined> {
    const run = this.#run
    const { loaded } = run.base
    const isGenuine = run.isFresh
    run.open.noteOthers(loaded.id, isGenuine)
    if (isGenuine) {
      this.#count += 1
      this.#first ??= { events: decided.events, revision: loaded.revision }
      if (this.#count > this.#ports.conflictRetries) throw this.#lost(conflict)
      // Whoever has lost more often waits less.
      await pause((Math.random() * longestPauseMs) / this.#count)
    }
    await renew(this.#ports, run, isLeftAsItWas(run, decided))
    if (!isGenuine || run.history?.isOpen === true) return undefined
    const answer = await this.#ask()
    if (answer === 'fail') throw this.#lost(conflict)
    if (answer !== 'retry') return answer
    this.#first = undefined
    return undefined
  }

  async #ask(): Promise<ConflictAnswer> {
    const { envelope, open, base } = this.#run
    const { handling } = envelope.route
    if (!handling.onConflict || !this.#first) return 'retry'
    const { id, state } = base.loaded
    const { events: decided, revision } = this.#first
    const unseen = await open.repository.eventsAfter(id, revision)
    return handling.onConflict({ command: envelope.command as object, decided, unseen, state })
  }

  #lost(cause: WrongExpectedRevisionError): ConcurrencyError {
    const { stream, expected, actual } = cause
    const { type } = this.#run.envelope.route.command
    const known = typeof expected === 'bigint' ? expected : undefined
    return new ConcurrencyError(stream, type, this.#count, known, actual, { cause })
  }
}

/** A fold that returns another state has left the one it was given as it was; of several, each has to. */
function isLeftAsItWas({ base, open }: CommandRun, { events, state }: Decided): boolean {
  if (state === base.loaded.state) return false
  return events.length === 1 || !open.repository.foldsInPlace
}
