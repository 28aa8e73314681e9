import type { AggregateRepository, LoadedAggregate } from '../aggregate/aggregate-repository.ts'
import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import type { PointInTime } from '../time-travel/point-in-time.ts'
import { TenantRequiredError } from './tenant-errors.ts'
import { requireTenant, tenantId } from './tenant-id.ts'

/** Loads the aggregates of one tenant. */
export interface RepositoryOfTenant<State> {
  /** As that of {@link AggregateRepository}. */
  load(id: string): Promise<LoadedAggregate<State>>
  /** As that of {@link AggregateRepository}. */
  loadAt(id: string, point: PointInTime): Promise<LoadedAggregate<State>>
}

/** What handlers inject in the place of a repository where tenants are kept apart. */
export class TenantRepository<State = unknown> {
  readonly definition: AggregateDefinition<State>
  readonly #repository: AggregateRepository<State>

  constructor(repository: AggregateRepository<State>) {
    this.definition = repository.definition
    this.#repository = repository
  }

  /**
   * Returns the repository of one tenant.
   *
   * @throws {TenantRequiredError}
   */
  forTenant(tenant: string): RepositoryOfTenant<State> {
    const owner = requireTenant(tenant, `The repository of ${this.definition.category}`)
    const stored = (id: string): string => {
      this.#repository.streamOf(id)
      return tenantId(owner, id)
    }
    const plain = (loaded: LoadedAggregate<State>, id: string) => ({ ...loaded, id })
    return {
      load: async (id) => plain(await this.#repository.load(stored(id)), id),
      loadAt: async (id, point) => plain(await this.#repository.loadAt(stored(id), point), id),
    }
  }

  /** Refused: an id alone does not say whose aggregate it is. */
  load(id: string): Promise<never> {
    return Promise.reject(new TenantRequiredError(`Loading ${this.definition.category} "${id}"`))
  }

  /** Refused, as {@link TenantRepository.load}. */
  loadAt(id: string): Promise<never> {
    return this.load(id)
  }
}
