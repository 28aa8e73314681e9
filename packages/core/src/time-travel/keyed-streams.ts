import { type StreamName, streamName } from '../event-store/stream-name.ts'
import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import { keyByAggregate } from '../projection/projection-definition.ts'

/**
 * Names the streams that a document of a read model is made of, where that is known: each handler of the model folds
 * an event into the document of its aggregate, and the aggregates of the application fold these events too.
 *
 * @returns By the document's id; undefined where other events may be in it.
 */
export function keyedStreams(
  { aggregates }: ApplicationModel,
  { model, projection }: ReadModelRoute,
): ((id: string) => readonly StreamName[]) | undefined {
  const handlers = projection.handlers.filter((handler) => handler.model.name === model.name)
  const known = new Set(aggregates.flatMap(({ events }) => events.map(({ event }) => event.type)))
  const isKeyed = handlers.every(
    (handler) =>
      handler.key === keyByAggregate &&
      !(handler.kind === 'fold' && handler.joins) &&
      known.has(handler.event.type),
  )
  if (!isKeyed) return undefined
  return (id) => aggregates.map(({ category }) => streamName(category, id))
}
