import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import { checkCategory } from '../event-store/stream-name.ts'
import { keyByAggregate, type ProjectionDefinition } from '../projection/projection-definition.ts'
import { checkSnapshotRules } from '../snapshot/snapshot-rules.ts'
import { isVarveError } from '../varve-error.ts'

/** Checks a stable name; returns the mistakes. */
export function checkName(subject: string, name: string): readonly string[] {
  if (name.trim() === '') return [`${subject} without a name: give it a stable one.`]
  if (name.startsWith('$'))
    return [`${subject} "${name}" starts with "$", which belongs to the server.`]
  return []
}

/** Checks an aggregate by itself; returns the mistakes. */
export function checkAggregate(aggregate: AggregateDefinition): readonly string[] {
  const mistakes: string[] = []
  try {
    checkCategory(aggregate.category)
  } catch (error) {
    if (!isVarveError(error)) throw error
    mistakes.push(`Aggregate: ${error.message}`)
  }
  const types = aggregate.events.map(({ event }) => event.type)
  for (const type of new Set(types.filter((type, index) => types.indexOf(type) !== index)))
    mistakes.push(`Aggregate "${aggregate.category}" applies event "${type}" twice.`)
  const { snapshot } = aggregate
  if (snapshot) mistakes.push(...checkSnapshotRules(aggregate.category, snapshot))
  return mistakes
}

/** Checks whether the documents of a projection can follow from the state of an aggregate; returns the mistakes. */
export function checkFromSnapshot(
  projection: ProjectionDefinition,
  aggregates: readonly AggregateDefinition[],
): readonly string[] {
  const { name, models, handlers, fromSnapshot } = projection
  if (!fromSnapshot) return []
  const { aggregate, model } = fromSnapshot
  const subject = `Projection "${name}" is made from snapshots of "${aggregate.category}", but`
  const mistakes: string[] = []
  if (!aggregate.snapshot)
    mistakes.push(`${subject} the aggregate takes none. Say when it is to take them.`)
  if (models.length !== 1 || models[0] !== model)
    mistakes.push(`${subject} not into its only read model. Give it one read model.`)
  if (models.some(({ history }) => history))
    mistakes.push(`${subject} keeps a history, which no snapshot has. Leave one of the two out.`)
  const folded = new Set(aggregate.events.map(({ event }) => event.type))
  for (const { event, kind, key, ...handler } of handlers) {
    const on = `${subject} its handler of "${event.type}"`
    if (kind === 'write') mistakes.push(`${on} writes by update operators. Fold it.`)
    if ('joins' in handler) mistakes.push(`${on} reads other documents. Leave one of the two out.`)
    if (key !== keyByAggregate)
      mistakes.push(`${on} has a key. Each document must be that of one aggregate.`)
    if (!folded.has(event.type))
      mistakes.push(
        `${subject} the state does not have "${event.type}". Have the aggregate apply it.`,
      )
  }
  for (const { category, events } of aggregates)
    for (const { event } of category === aggregate.category ? [] : events)
      if (handlers.some((handler) => handler.event.type === event.type))
        mistakes.push(
          `${subject} "${event.type}" is an event of "${category}", too. Each document must be that of one aggregate.`,
        )
  return mistakes
}

/** Checks what a projection's handlers do to its read models; returns the mistakes. */
export function checkHandlers({ name, models, handlers }: ProjectionDefinition): readonly string[] {
  const mistakes: string[] = []
  for (const model of models) {
    const kinds = new Set(handlers.filter((one) => one.model === model).map(({ kind }) => kind))
    if (kinds.size > 1)
      mistakes.push(
        `Read model "${model.name}" of projection "${name}" is both folded and written by update operators. Choose one, or make two read models.`,
      )
    if (kinds.has('write') && model.history)
      mistakes.push(
        `Read model "${model.name}" of projection "${name}" keeps a history, which update operators cannot write. Fold it, or leave the history out.`,
      )
  }
  for (const handler of handlers)
    for (const { model } of handler.kind === 'fold' ? (handler.joins ?? []) : [])
      if (!models.includes(model))
        mistakes.push(
          `Projection "${name}" joins read model "${model.name}" on "${handler.event.type}", which it does not build.`,
        )
  return mistakes
}
