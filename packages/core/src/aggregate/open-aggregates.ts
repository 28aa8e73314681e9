import { AggregateCache, type KeptAggregate } from './aggregate-cache.ts'
import type { AggregateDefinition } from './aggregate-definition.ts'
import { AggregateBusyError } from './aggregate-errors.ts'
import { AggregateRepository, type RepositoryPorts } from './aggregate-repository.ts'
import { Turns } from './turns.ts'

const defaults = { most: 10_000, maxAgeMs: 60_000, mostWaiting: 10_000 }

/** The aggregates of one kind in this process: how they are loaded, which are kept, and whose turn it is. */
export class OpenAggregates {
  readonly repository: AggregateRepository
  /** By id; undefined: commands on one aggregate do not wait for each other. */
  readonly turns: Turns | undefined
  readonly #cache: AggregateCache | undefined
  readonly #maxAgeMs: number

  constructor(definition: AggregateDefinition, ports: RepositoryPorts) {
    const repository = (this.repository = new AggregateRepository(definition, ports))
    const options = { ...defaults, ...definition.cache }
    this.#maxAgeMs = options.maxAgeMs
    if (definition.cache === false) return
    this.#cache = new AggregateCache(options.most)
    this.turns = new Turns(
      options.mostWaiting,
      (id, waiting) => new AggregateBusyError(repository.streamOf(id), waiting),
    )
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
