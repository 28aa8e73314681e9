import type { ConsistencyLevel } from '../../read-model/read-model-store.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { UnsafeProjectionError } from '../projection-errors.ts'

/**
 * Refuses a projection that would go wrong without transactions, where a crash replays the tail of the log onto
 * documents of which some have it already.
 *
 * @throws {UnsafeProjectionError}
 */
export function checkSafety(
  { name, handlers }: ProjectionDefinition,
  level: ConsistencyLevel,
): void {
  if (level === 'exactly-once') return
  const joining = handlers.find((handler) => handler.kind === 'fold' && handler.joins)
  if (joining)
    throw new UnsafeProjectionError(
      name,
      `its handler of "${joining.event.type}" reads other documents, and after a crash they may be newer than the event`,
    )
  const written = new Set<string>()
  for (const { kind, event, model } of handlers) {
    if (kind !== 'write') continue
    const pair = `${event.type}\0${model.name}`
    if (written.has(pair))
      throw new UnsafeProjectionError(
        name,
        `two of its handlers write "${model.name}" on "${event.type}", and a crash between the two would lose the second`,
      )
    written.add(pair)
  }
}
