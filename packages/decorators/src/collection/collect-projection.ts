import {
  type ApplyToDocument,
  type Constructor,
  defineProjection,
  type DocumentOfState,
  type FoldHandler,
  type HandlerScope,
  keyByAggregate,
  type ProjectionDefinition,
  type ProjectionHandler,
  type ReadModelDefinition,
  type SnapshotHandler,
  type UpdateOfDocument,
  type WriteHandler,
} from '@varve/core'
import { memberRecords, ownRecords } from '../metadata/metadata.ts'
import { onKey, type OnRecord } from '../projection/on.ts'
import { fromSnapshotKey } from '../projection/from-snapshot.ts'
import { projectionKey } from '../projection/projection.ts'
import { writesKey } from '../projection/writes.ts'
import { className } from './class-name.ts'
import { collectAggregate } from './collect-aggregate.ts'
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
  const fromSnapshot = collectFromSnapshot(collection, projectionClass, { models, instanceIn })
  return defineProjection(collection.checkName('Projection', projectionClass, records), {
    into: models,
    ...(record.version !== undefined && { version: record.version }),
    ...(record.onError && { onError: record.onError }),
    ...(fromSnapshot && { fromSnapshot }),
    handlers: [
      ...memberRecords(onKey, projectionClass).flatMap((on): FoldHandler[] => {
        const base = handlerOf(collection, { name, models, on })
        const bind = (scope: HandlerScope) =>
          methodOf<ApplyToDocument>(instanceIn(scope), on.member)
        const joins = on.joins?.map(({ model, id }) => ({
          model: collectReadModel(collection, model, `${name}.${on.member} joins`),
          id,
        }))
        return base ? [{ kind: 'fold', ...base, ...(joins && { joins }), bind }] : []
      }),
      ...memberRecords(writesKey, projectionClass).flatMap((on): WriteHandler[] => {
        const base = handlerOf(collection, { name, models, on })
        const bind = (scope: HandlerScope) =>
          methodOf<UpdateOfDocument>(instanceIn(scope), on.member)
        return base ? [{ kind: 'write', ...base, bind }] : []
      }),
    ],
  })
}

interface HandlerFacts {
  readonly name: string
  readonly models: readonly ReadModelDefinition[]
  readonly on: OnRecord
}

function handlerOf(
  collection: Collection,
  facts: HandlerFacts,
): Pick<ProjectionHandler, 'event' | 'model' | 'key'> | undefined {
  const { name, on } = facts
  const event = collectEvent(collection, on.event, `${name}.${on.member} is on`)
  const model = modelOf(collection, facts)
  return model && { event, model, key: on.key ?? keyByAggregate }
}

function modelOf(
  collection: Collection,
  { name, models, on }: HandlerFacts,
): ReadModelDefinition | undefined {
  const [only] = models
  if (on.into) {
    const model = collectReadModel(collection, on.into, `${name}.${on.member} is into`)
    return collection.standIns.has(model) ? only : model
  }
  if (models.length > 1)
    collection.mistakes.push(
      `${name}.${on.member} is on ${className(on.event)}, but does not say into which of the ${models.length} read models of ${name}. Add { into: … } to its decorator.`,
    )
  return only
}

/** Finds the instance of a projection. */
type InstanceIn = (scope: HandlerScope) => object

function collectFromSnapshot(
  collection: Collection,
  projectionClass: Constructor,
  { models, instanceIn }: { models: readonly ReadModelDefinition[]; instanceIn: InstanceIn },
): SnapshotHandler | undefined {
  const [record, other] = memberRecords(fromSnapshotKey, projectionClass)
  const [model] = models
  if (!record || !model) return undefined
  const name = className(projectionClass)
  const { member } = record
  if (other)
    collection.mistakes.push(
      `${name} says twice how a document follows from a snapshot, in "${member}" and "${other.member}". Keep one of them.`,
    )
  const aggregate = collectAggregate(collection, record.aggregate)
  if (!aggregate) {
    collection.mistakes.push(
      `${name}.${member} is from snapshots of ${className(record.aggregate)}, which is no aggregate. Put @Aggregate on it.`,
    )
    return undefined
  }
  const firstEvents = record.firstEvents?.map((event) =>
    collectEvent(collection, event, `${name}.${member} finds aggregates by`),
  )
  return {
    aggregate,
    model,
    ...(firstEvents && { firstEvents }),
    bind: (scope) => methodOf<DocumentOfState>(instanceIn(scope), member),
  }
}

function oncePerScope(projectionClass: Constructor): InstanceIn {
  const instances = new WeakMap<HandlerScope, object>()
  return (scope) => {
    const instance = instances.get(scope) ?? scope.resolve(projectionClass)
    instances.set(scope, instance)
    return instance
  }
}

type Method = (this: object, ...args: never[]) => unknown

function methodOf<Handler>(instance: object, member: string): Handler {
  const method = (instance as Record<string, Method>)[member] as Method
  return method.bind(instance) as Handler
}
