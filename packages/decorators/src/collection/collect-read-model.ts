import { type Constructor, defineReadModel, type ReadModelDefinition } from '@varve/core'
import { ownRecords } from '../metadata/metadata.ts'
import { type ReadModelClass, readModelKey } from '../read-model/read-model.ts'
import { className } from './class-name.ts'
import type { Collection } from './collection.ts'

/**
 * Makes a read model of a class.
 *
 * @param use Who names the class, as the beginning of a sentence: `Projection AccountBalances builds`.
 */
export function collectReadModel(
  collection: Collection,
  modelClass: Constructor,
  use: string,
): ReadModelDefinition {
  const known = collection.readModels.get(modelClass)
  if (known && !collection.standIns.has(known)) return known
  const records = ownRecords(readModelKey, modelClass)
  const [record] = records
  if (!record) {
    collection.mistakes.push(
      `${use} ${className(modelClass)}, which is no read model. Put @ReadModel('<a stable name>') on the class.`,
    )
    return known ?? standIn(collection, modelClass)
  }
  const model = defineReadModel(collection.checkName('Read model', modelClass, records), {
    class: modelClass as ReadModelClass,
    ...(record.indexes && { indexes: record.indexes }),
    ...(record.history !== undefined && { history: record.history }),
  })
  collection.readModels.set(modelClass, model)
  return model
}

function standIn(collection: Collection, found: Constructor): ReadModelDefinition {
  const model = defineReadModel(className(found), { class: found as ReadModelClass })
  collection.readModels.set(found, model)
  collection.standIns.add(model)
  return model
}
