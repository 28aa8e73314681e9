import {
  type ApplyToDocument,
  type Constructor,
  defineProjection,
  type HandlerScope,
  keyByAggregate,
  type ProjectionDefinition,
  type ProjectionHandler,
  type ReadModelDefinition,
} from '@varve/core'
import { memberRecords, ownRecords } from '../metadata/metadata.ts'
import { onKey, type OnRecord } from '../projection/on.ts'
import { projectionKey } from '../projection/projection.ts'
import { className } from './class-name.ts'
import { collectEvent } from './collect-event.ts'
import { collectReadModel } from './collect-read-model.ts'
import type { Collection } from './collection.ts'

/** Makes a projection of a class, with its events and read models; undefined where it is none. */
export function collectProjection(
  collection: Collection,
  projectionClass: Constructor,
): ProjectionDefinition | undefined {
  const records = ownRecords(projectionKey, projectionClass)
  const [record] = records
  if (!record) return undefined
  const name = className(projectionClass)
  collection.checkVersion('Projection', projectionClass, record.version)
  const models = record.into.map((model) =>
    collectReadModel(collection, model, `Projection ${name} builds`),
  )
  const instanceIn = oncePerScope(projectionClass)
  return defineProjection(collection.checkName('Projection', projectionClass, records), {
    into: models,
    ...(record.version !== undefined && { version: record.version }),
    handlers: memberRecords(onKey, projectionClass).flatMap((on): ProjectionHandler[] => {
      const event = collectEvent(collection, on.event, `${name}.${on.member} is on`)
      const model = modelOf(collection, { name, models, on })
      const bind = (scope: HandlerScope) => methodOf(instanceIn(scope), on.member)
      return model ? [{ event, model, key: on.key ?? keyByAggregate, bind }] : []
    }),
  })
}

function modelOf(
  collection: Collection,
  { name, models, on }: { name: string; models: readonly ReadModelDefinition[]; on: OnRecord },
): ReadModelDefinition | undefined {
  const [only] = models
  if (on.into) {
    const model = collectReadModel(collection, on.into, `${name}.${on.member} is into`)
    return collection.standIns.has(model) ? only : model
  }
  if (models.length > 1)
    collection.mistakes.push(
      `${name}.${on.member} is on ${className(on.event)}, but does not say into which of the ${models.length} read models of ${name}. Write @On(${className(on.event)}, { into: … }).`,
    )
  return only
}

function oncePerScope(projectionClass: Constructor): (scope: HandlerScope) => object {
  const instances = new WeakMap<HandlerScope, object>()
  return (scope) => {
    const instance = instances.get(scope) ?? scope.resolve(projectionClass)
    instances.set(scope, instance)
    return instance
  }
}

function methodOf(instance: object, member: string): ApplyToDocument {
  const method = (instance as Record<string, ApplyToDocument>)[member] as ApplyToDocument
  return method.bind(instance)
}
