import {
  type ApplicationModel,
  type Constructor,
  defineQueryHandler,
  type PointInTime,
  type ProjectionDefinition,
  Query,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ResultOf,
} from '@varve/core'
import type { InMemoryReadModelView } from '@varve/memory'
import { Bench } from './bench.ts'
import type { GivenEvent } from './given-event.ts'
import { SpecificationError } from './specification-errors.ts'
import type { SpecificationOptions } from './specification-options.ts'

/** What the examples of one projection share. */
export interface ProjectionFacts {
  readonly model: ApplicationModel
  readonly definition: ProjectionDefinition
  readonly options: SpecificationOptions
}

/** How the documents are looked at. */
interface Look {
  readonly model?: ReadModelDefinition
  readonly asOf?: PointInTime
}

class AllDocuments extends Query<readonly ReadModelDocument[]> {}

/** An example: a log, and how the read model is looked at. Plays in a world of its own, each time. */
export class ProjectionStory {
  readonly #facts: ProjectionFacts
  readonly #given: readonly GivenEvent[]
  readonly #look: Look

  constructor(facts: ProjectionFacts, given: readonly GivenEvent[], look: Look = {}) {
    this.#facts = facts
    this.#given = given
    this.#look = look
  }

  /** Names the projection, for people. */
  get subject(): string {
    return `projection "${this.#facts.definition.name}"`
  }

  /** Returns the example with a look at one read model. */
  into(model: Constructor<ReadModelDocument> | ReadModelDefinition): ProjectionStory {
    const { models } = this.#facts.definition
    const found = models.find((one) => one === model || one.class === model)
    if (!found)
      throw new SpecificationError(
        this.subject,
        `looks at a read model it does not build. It builds ${listed(models)}.`,
      )
    return new ProjectionStory(this.#facts, this.#given, { ...this.#look, model: found })
  }

  /** Returns the example with a look at the past. */
  asOf(asOf: PointInTime): ProjectionStory {
    return new ProjectionStory(this.#facts, this.#given, { ...this.#look, asOf })
  }

  /** Builds the read model and returns what is in it. */
  async documents(): Promise<readonly ReadModelDocument[]> {
    const model = this.#model()
    const handler = defineQueryHandler<AllDocuments, [InMemoryReadModelView]>(AllDocuments, {
      reads: [model],
      execute: (_, view) => view.find().toArray(),
    })
    const queries = new Map([...this.#facts.model.queries, [AllDocuments, handler]])
    return this.#ask(new AllDocuments(), { ...this.#facts.model, queries })
  }

  /** Builds the read models and has a query answered. */
  answer<Q extends Query<unknown>>(query: Q): Promise<ResultOf<Q>> {
    return this.#ask(query, this.#facts.model)
  }

  async #ask<Q extends Query<unknown>>(query: Q, model: ApplicationModel): Promise<ResultOf<Q>> {
    const { options } = this.#facts
    await using bench = new Bench(model, options)
    await bench.record(this.#given, {
      category: 'aggregate',
      aggregateId: options.aggregateId ?? '1',
    })
    for (const { name } of model.projections) await bench.projections.rebuild(name)
    const { asOf } = this.#look
    return await bench.queries.query(query, asOf ? { asOf } : {})
  }

  #model(): ReadModelDefinition {
    const { models } = this.#facts.definition
    const [only] = models
    const model = this.#look.model ?? (models.length === 1 ? only : undefined)
    if (model) return model
    throw new SpecificationError(
      this.subject,
      `does not say which documents it expects: it builds ${listed(models)}. Name one with .into(…).`,
    )
  }
}

function listed(models: readonly ReadModelDefinition[]): string {
  return models.map(({ name }) => `"${name}"`).join(' and ')
}
