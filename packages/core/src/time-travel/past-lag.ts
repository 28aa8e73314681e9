import type { ReadModelRoute } from '../model/application-model.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import type { Projections } from '../projection/projections.ts'
import type { ViewPoint } from '../read-model/read-model-store.ts'
import { isWithin } from './point-in-time.ts'

/** Which projection must have come how far. */
export interface PastLagOptions {
  readonly route: ReadModelRoute
  readonly point: ViewPoint
  readonly timeoutMs: number
  readonly ports: ProjectionPorts
  readonly projections: Projections
}

/**
 * Waits until a projection has all events up to a point in its history, as far as they are in the log now.
 *
 * @throws {ProjectionLagError} It took longer than `timeoutMs`.
 * @throws {ProjectionHaltedError} The projection has given up.
 */
export async function waitForPast(options: PastLagOptions): Promise<void> {
  const { route, timeoutMs, projections } = options
  const last = await lastMissing(options)
  if (last !== undefined) await projections.waitFor(route.projection.name, last, timeoutMs)
}

/** Position of the last event up to the point that the projection asks for and may not have. */
async function lastMissing({
  route,
  point,
  ports,
  projections,
}: PastLagOptions): Promise<bigint | undefined> {
  const { projection } = route
  const { eventStore, readModels, codec } = ports
  const known = projections.runner(projection.name).status.position
  if ('position' in point && known !== undefined && known >= point.position) return undefined
  const generation = await projections.activeGeneration(route)
  const checkpoints = await readModels.checkpoints(generation)
  const done = checkpoints.reduce<bigint | undefined>(
    (least, { position = -1n }) => (least === undefined || position < least ? position : least),
    undefined,
  )
  const types = new Set(codec.storedTypesOf(projection.handlers.map(({ event }) => event.type)))
  for await (const batch of eventStore.readAll({ direction: 'backwards' }))
    for (const event of batch) {
      if (event.position <= (done ?? -1n)) return undefined
      if (isWithin(event, point) && types.has(event.type)) return event.position
    }
  return undefined
}
