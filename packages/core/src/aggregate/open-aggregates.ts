import { holdsPersonalData } from '../privacy/holds-personal-data.ts'
import { AggregateCache, type KeptAggregate } from './aggregate-cache.ts'
import type { AggregateDefinition } from './aggregate-definition.ts'
import { AggregateBusyError } from './aggregate-errors.ts'
import { AggregateRepository, type RepositoryPorts } from './aggregate-repository.ts'
import { Courtesy } from './courtesy.ts'
import { Turns } from './turns.ts'

const defaults = { most: 10_000, maxAgeMs: 60_000, mostWaiting: 10_000, mostWaitMs: 60_000 }

/** The aggregates of one kind in this process: how they are loaded, which are kept, and whose turn it is. */
export class OpenAggregates {
  readonly repository: AggregateRepository
  readonly #turns: Turns | undefined
  readonly #courtesy = new Courtesy()
  readonly #cache: AggregateCache | undefined
  readonly #maxAgeMs: number

  constructor(definition: AggregateDefinition, ports: RepositoryPorts) {
    const repository = (this.repository = new AggregateRepository(definition, ports))
    const options = { ...defaults, ...definition.cache }
    this.#maxAgeMs = options.maxAgeMs
    if (definition.cache === false) return
    // What is kept in memory would outlive a forgotten person in other processes.
    if (!holdsPersonalData(definition.events)) this.#cache = new AggregateCache(options.most)
    this.#turns = new Turns(
      options,
      ({ subject, waiting, waitedMs }) =>
        new AggregateBusyError(repository.streamOf(subject), waiting, waitedMs),
    )
  }

  /** Takes a turn at an aggregate; undefined where it begins at once. To be ended, whatever comes. */
  beginTurn(id: string): Promise<void> | undefined {
    return this.#turns?.begin(id)
  }

  /** Ends a turn. The next one begins a little later where others write the aggregate too, so that they get theirs. */
  endTurn(id: string): void {
    const turns = this.#turns
    if (!turns) return
    const gapMs = this.#courtesy.gapMs(id, turns.waiting(id) === 0)
    if (gapMs > 0) setTimeout(() => turns.end(id), gapMs)
    else turns.end(id)
  }

  /**
   * Notes that others wrote an aggregate.
   *
   * @param isConflict Whether that was between a read and the append after it.
   */
  noteOthers(id: string, isConflict: boolean): void {
    this.#courtesy.noteOthers(id, isConflict)
  }

  /** Hands an aggregate over that is kept; undefined where none is. */
  take(id: string): KeptAggregate | undefined {
    return this.#cache?.take(id)
  }

  /** Keeps an aggregate whose state is what its stream says. */
  put(id: string, kept: KeptAggregate): void {
    this.#cache?.put(id, kept)
  }

  /** Whether an aggregate was last read too long ago to be used without a look at its stream. */
  isTooOld({ readAt }: KeptAggregate, now: Date): boolean {
    return now.getTime() - readAt > this.#maxAgeMs
  }
}
