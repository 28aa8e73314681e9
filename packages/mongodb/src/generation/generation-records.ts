import { GenerationConflictError, type GenerationRecord } from '@varve/core'
import type { ClientSession, Collection } from 'mongodb'
import { writeOptions } from '../commit/bson-options.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../mongodb-errors.ts'

/** Name of the collection with one alias document per projection. */
export const generationCollection = 'varve_generations'

type StoredRecord = { readonly _id: string } & Omit<Partial<GenerationRecord>, 'projection'> & {
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
    const { _id, active, previous, building, isPaused, ...rest } = found
    return { projection, active, previous, building, ...(isPaused && { isPaused }), ...rest }
  }

  /** @throws {GenerationConflictError} The stored revision is another one. */
  async save(record: GenerationRecord, expectedRevision: number): Promise<void> {
    if (expectedRevision === 0) return this.#insert(toStored(record))
    if (!(await this.replace(record, expectedRevision)))
      throw new GenerationConflictError(record.projection)
  }

  /** Saves a record over the revision it was made from. Returns whether that was there. */
  async replace(
    record: GenerationRecord,
    expectedRevision: number,
    session?: ClientSession,
  ): Promise<boolean> {
    const { matchedCount } = await this.#collection.replaceOne(
      { _id: record.projection, revision: expectedRevision },
      toStored(record),
      { ...writeOptions, ...(session && { session }) },
    )
    return matchedCount === 1
  }

  /** Makes every change fail that was made from a revision, if none was saved yet. */
  async outdate(projection: string, revision: number): Promise<void> {
    await this.#collection.updateOne({ _id: projection, revision }, { $inc: { revision: 1 } })
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

function toStored({ projection, ...rest }: GenerationRecord): StoredRecord {
  return { _id: projection, ...rest }
}
