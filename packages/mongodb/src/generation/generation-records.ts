import { type Generation, GenerationConflictError, type GenerationRecord } from '@varve/core'
import type { Collection } from 'mongodb'
import { writeOptions } from '../commit/bson-options.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one alias document per projection. */
export const generationCollection = 'varve_generations'

interface StoredRecord {
  readonly _id: string
  readonly active?: Generation
  readonly previous?: Generation
  readonly building?: Generation
  readonly isPaused?: boolean
  readonly revision: number
}

/** The alias documents; each is only saved over the revision it was made from. */
export class GenerationRecords {
  readonly #collection: Collection<StoredRecord>

  constructor(connection: MongoConnection) {
    this.#collection = connection.collection(
      generationCollection,
    ) as unknown as Collection<StoredRecord>
  }

  async read(projection: string): Promise<GenerationRecord | undefined> {
    const found = await this.#collection.findOne(
      { _id: projection },
      { readConcern: { level: 'majority' } },
    )
    if (!found) return undefined
    const { active, previous, building, isPaused, revision } = found
    return { projection, active, previous, building, revision, ...(isPaused && { isPaused }) }
  }

  /** @throws {GenerationConflictError} The stored revision is another one. */
  async save(record: GenerationRecord, expectedRevision: number): Promise<void> {
    const { projection, ...rest } = record
    const stored = { _id: projection, ...rest } as StoredRecord
    if (expectedRevision === 0) return this.#insert(stored)
    const { matchedCount } = await this.#collection.replaceOne(
      { _id: projection, revision: expectedRevision },
      stored,
      writeOptions,
    )
    if (matchedCount === 0) throw new GenerationConflictError(projection)
  }

  async #insert(stored: StoredRecord): Promise<void> {
    try {
      await this.#collection.insertOne(stored, writeOptions)
    } catch (error) {
      if (isDuplicateKey(error)) throw new GenerationConflictError(stored._id)
      throw error
    }
  }
}
