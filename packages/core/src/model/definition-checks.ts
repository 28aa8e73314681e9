import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import { checkCategory } from '../event-store/stream-name.ts'
import type { ProjectionDefinition } from '../projection/projection-definition.ts'
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
