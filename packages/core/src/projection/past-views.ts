import { closeScope } from '../message/handler-resolver.ts'
import type { ReadModelRoute } from '../model/application-model.ts'
import type { Generation } from '../read-model/generation.ts'
import type { ViewPoint } from '../read-model/read-model-store.ts'
import { type PointInTime, PointInTimeError } from '../time-travel/point-in-time.ts'
import { catchUp } from './rebuild/catch-up.ts'
import { FoldPlanner } from './fold/fold-plan.ts'
import type { ProjectionDefinition } from './projection-definition.ts'
import { ProjectionMeter } from './projection-meter.ts'
import type { ProjectionPorts } from './projection-ports.ts'
import type { Projections } from './projections.ts'
import { storeCircuit } from './write/store-circuit.ts'
import { SegmentWriter } from './write/segment-writer.ts'

/** Views of the past, in the order of the routes. Dispose them after use. */
export interface OpenPast extends AsyncDisposable {
  readonly views: readonly unknown[]
}

/**
 * Opens read models as they were: by their history where they keep one, else by folding the log again up to
 * the point, into a generation of its own that is dropped after use.
 */
export class PastViews {
  readonly #ports: ProjectionPorts
  readonly #projections: Projections

  constructor(ports: ProjectionPorts, projections: Projections) {
    this.#ports = ports
    this.#projections = projections
  }

  /** @throws {PointInTimeError} The point is a revision, or no valid date. */
  async open(routes: readonly ReadModelRoute[], point: PointInTime): Promise<OpenPast> {
    const refolded = new Map<ProjectionDefinition, Generation>()
    const drop = async (): Promise<void> => {
      for (const [projection, generation] of refolded)
        await this.#ports.readModels.drop(generation, projection.models).catch((error: unknown) =>
          this.#ports.logger.warn('The documents of a past query could not be dropped.', {
            generation,
            error,
          }),
        )
    }
    try {
      const views: unknown[] = []
      for (const route of routes) views.push(await this.#view(route, check(route, point), refolded))
      return { views, [Symbol.asyncDispose]: drop }
    } catch (error) {
      await drop()
      throw error
    }
  }

  async #view(
    route: ReadModelRoute,
    point: ViewPoint,
    refolded: Map<ProjectionDefinition, Generation>,
  ): Promise<unknown> {
    const { model, projection } = route
    const { readModels } = this.#ports
    if (model.history)
      return readModels.view(await this.#projections.activeGeneration(route), model, point)
    let generation = refolded.get(projection)
    if (!generation) {
      generation = temporaryGeneration(projection)
      refolded.set(projection, generation)
      await this.#refold(projection, generation, point)
    }
    return readModels.view(generation, model)
  }

  async #refold(
    projection: ProjectionDefinition,
    generation: Generation,
    point: ViewPoint,
  ): Promise<void> {
    const { readModels, eventStore, codec, resolver, clock, logger } = this.#ports
    const scope = resolver.open()
    try {
      await readModels.create(generation, projection.models)
      const planner = new FoldPlanner(projection, codec, scope)
      const meter = new ProjectionMeter()
      const circuit = storeCircuit(clock, logger)
      const writer = await SegmentWriter.open({
        generation,
        planner,
        store: readModels,
        meter,
        circuit,
      })
      await catchUp({
        projection: projection.name,
        eventStore,
        types: planner.types,
        after: undefined,
        batchSize: 2_000,
        signal: undefined,
        onBatch: async ({ events }) => {
          const end = events.findIndex((event) => !isWithin(event, point))
          const wanted = end < 0 ? events : events.slice(0, end)
          const last = wanted.at(-1)
          if (last) await writer.write(wanted, last.position)
          return end < 0
        },
      })
    } finally {
      await closeScope(scope, logger)
    }
  }
}

function isWithin(
  event: { readonly position: bigint; readonly recordedAt: Date },
  point: ViewPoint,
): boolean {
  if ('position' in point) return event.position <= point.position
  return event.recordedAt.getTime() <= point.date.getTime()
}

function check({ model }: ReadModelRoute, point: PointInTime): ViewPoint {
  const subject = `Read model "${model.name}"`
  if ('revision' in point)
    throw new PointInTimeError(
      subject,
      point,
      'a revision belongs to one stream, a read model to many; use a position or a date',
    )
  if ('date' in point && Number.isNaN(point.date.getTime()))
    throw new PointInTimeError(subject, point, 'the date is not valid')
  return point
}

/** A generation outside of the projection's count, so that no rebuild meets it. */
function temporaryGeneration({ name, version }: ProjectionDefinition): Generation {
  const number = Date.now() * 1_000 + Math.floor(Math.random() * 1_000)
  return { projection: `${name}~past`, version, number }
}
