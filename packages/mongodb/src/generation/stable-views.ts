import {
  collectionName,
  type Generation,
  type GenerationRecord,
  type ReadModelDefinition,
} from '@varve/core'
import type { MongoConnection } from '../connection/mongo-connection.ts'

/** `_meta` is nobody's business outside. */
const pipeline = [{ $project: { _meta: 0 } }]

/**
 * Keeps a MongoDB view for each read model, named as the model is, on the collection readers see: for those who read the
 * database without Varve. A view follows its switch by a moment; where it could not, the next start of a projection
 * brings it there.
 */
export class StableViews {
  readonly #connection: MongoConnection
  readonly #models = new Map<string, readonly ReadModelDefinition[]>()

  constructor(connection: MongoConnection) {
    this.#connection = connection
  }

  /** Notes the models of a projection; only definitions name them. */
  note({ projection }: Generation, models: readonly ReadModelDefinition[]): void {
    this.#models.set(projection, models)
  }

  /** Points the views of a projection to what readers see. What fails is logged: readers of Varve are not concerned. */
  async follow(record: GenerationRecord | undefined): Promise<void> {
    const { active, projection } = record ?? {}
    if (!active || projection === undefined) return
    for (const model of this.#models.get(projection) ?? [])
      try {
        await this.#point(model.name, collectionName(model, active))
      } catch (error) {
        const { logger } = this.#connection
        logger.warn(
          `The view "${model.name}" could not be pointed to what readers see. The next start tries again; a collection of that name has to be removed by hand.`,
          { model: model.name, error },
        )
      }
  }

  async #point(view: string, collection: string): Promise<void> {
    const { database } = this.#connection
    const [found] = await database.listCollections({ name: view }).toArray()
    if (!found) await database.createCollection(view, { viewOn: collection, pipeline })
    else if ((found as { options?: { viewOn?: string } }).options?.viewOn !== collection)
      await database.command({ collMod: view, viewOn: collection, pipeline })
  }
}
