import { AggregateCache, type KeptAggregate } from './aggregate-cache.ts'
import type { AggregateDefinition } from './aggregate-definition.ts'
import { AggregateBusyError } from './aggregate-errors.ts'
import { AggregateRepository, type RepositoryPorts } from './aggregate-repository.ts'
import { Turns } from './turns.ts'

const defaults = { most: 10_000, maxAgeMs: 60_000, mostWaiting: 10_000 }

/** The aggregates of one kind in this process: how they are loaded, which are kept, and whose turn it is. */
export class OpenAggregates {
  readonly repository: AggregateRepository
  readonly #cache: AggregateCache | undefined
  readonly #turns: Turns | undefined
  readonly #maxAgeMs: number

  constructor(definition: AggregateDefinition, ports: RepositoryPorts) {
    const repository = (this.repository = new AggregateRepository(definition, ports))
    const options = { ...defaults, ...definition.cache }
    this.#maxAgeMs = options.maxAgeMs
    if (definition.cache === false) return
    this.#cache = new AggregateCache(options.most)
    this.#turns = new Turns(
      options.mostWaiting,
      (id, waiting) => new AggregateBusyError(repository.streamOf(id), waiting),
    )
  }

  /** Works on an aggregate when all that came before are done with it. */
  takeTurn<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    return this.#turns ? this.#turns.take(id, work) : work()
  }

  /** Hands an aggregate over that is kept; undefined where none is. */
  take(id: string): KeptAggregate | undefined {
    return this.#cache?.take(id)
  }

  /** Keeps an aggregate whose state is what its stream says. */
  put(id: string, kept: KeptAggregate): void {
    this.#cache?.put(id, kept)
  }

  /** As {@link OpenAggregates.take}, where it was read recently enough to be used without a look at its stream. */
  takeRecent(id: string, now: Date): KeptAggregate | undefined {
    const kept = this.#cache?.take(id)
    if (!kept || now.getTime() - kept.readAt <= this.#maxAgeMs) return kept
    this.#cache?.put(id, kept)
    return undefined
  }
}
