import { trackView } from '../live-query/tracked-view.ts'
import type { ApplicationModel, ReadModelRoute } from '../model/application-model.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import type { Projections } from '../projection/projections.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import type { ViewPoint } from '../read-model/read-model-store.ts'
import { keyedStreams } from './keyed-streams.ts'
import { waitForPast } from './past-lag.ts'
import { type PastProgress, type PastTuning, resolvePastTuning } from './past-tuning.ts'
import { isWithin, PointInTimeError, pointOf, type PointOrResult } from './point-in-time.ts'
import { CutStreamError } from './refold.ts'
import { type FoldInUse, RefoldPool } from './refold-pool.ts'

/** Answers from one view for each read model. May be called again where it asked for more than was there. */
export type AskViews = (views: readonly unknown[]) => Promise<unknown>

/** What a query of the past needs. */
export interface PastViewsOptions {
  readonly model: ApplicationModel
  readonly ports: ProjectionPorts
  readonly projections: Projections
  readonly tuning: PastTuning
}

/** Which past is asked. */
export interface PastRequest {
  readonly reads: readonly ReadModelRoute[]
  readonly at: PointOrResult
  /** Longest wait for projections that have not come to the point yet, in milliseconds. */
  readonly timeoutMs: number
  readonly onProgress?: ((progress: PastProgress) => void) | undefined
}

/** A query asked for documents that are not folded yet: it is asked again when they are. */
class NotFoldedYet extends Error {}

/** After this many rounds of documents that are folded one by one, all are. */
const mostRounds = 8

/**
 * Shows read models as they were: by their history where they keep one, else by folding again what the query needs,
 * into a generation of its own. That is a few documents where it asks for them by id and each is made of one
 * aggregate, else everything up to the point.
 */
export class PastViews {
  readonly #options: PastViewsOptions
  readonly #pool: RefoldPool

  constructor(options: PastViewsOptions) {
    this.#options = options
    this.#pool = new RefoldPool(options.ports, resolvePastTuning(options.tuning))
  }

  /** Drops what processes that died have left. */
  async sweep(): Promise<void> {
    await this.#pool.sweep(this.#options.model.projections)
  }

  /** Keeps what is folded for a point until it is released. */
  hold(point: ViewPoint): () => Promise<void> {
    return this.#pool.hold(point)
  }

  /** Has later queries fold anew. */
  clear(): Promise<void> {
    return this.#pool.clear()
  }

  /** Drops what was folded. */
  close(): Promise<void> {
    return this.#pool.close()
  }

  /**
   * Has a query answered from the past.
   *
   * @throws {PointInTimeError} The point is a revision, or not valid.
   * @throws {PastTooLargeError} Too many events would have to be folded.
   * @throws {ProjectionLagError} A projection with history has not come to the point in time.
   */
  async ask({ reads, at, timeoutMs, onProgress }: PastRequest, ask: AskViews): Promise<unknown> {
    const [first] = reads
    const point = viewPoint(first ? `Read model "${first.model.name}"` : 'A query', at)
    const report = onProgress ?? (() => undefined)
    const round: Round = { point, report, timeoutMs, isSealed: once(() => this.#isSealed(point)) }
    const sources = await Promise.all(reads.map((route) => this.#source(route, round)))
    try {
      for (let rounds = 0; ; rounds += 1) {
        const wanted = new Map<FoldedSource, readonly string[] | 'all'>()
        const views = sources.map((source) => source.view(wanted))
        const answer = await ask(views).catch((error: unknown) => {
          if (wanted.size === 0) throw error
          return undefined
        })
        if (wanted.size === 0) {
          if (sources.some((source) => source instanceof FoldedSource)) this.#pool.checkOpen()
          return answer
        }
        for (const [source, ids] of wanted)
          await source.fold(rounds >= mostRounds ? 'all' : ids, round)
      }
    } finally {
      for (const source of sources) await source.release()
    }
  }

  async #source(route: ReadModelRoute, round: Round): Promise<PastSource> {
    const { readModels } = this.#options.ports
    const { projections, ports } = this.#options
    if (!route.model.history) return new FoldedSource(this.#options, this.#pool, route)
    const { point, timeoutMs } = round
    await waitForPast({ route, point, timeoutMs, ports, projections })
    const generation = await projections.activeGeneration(route)
    if (route.model.retention && !(await readModels.reaches(generation, route.model, point)))
      return new FoldedSource(this.#options, this.#pool, route)
    const view = readModels.view(generation, route.model, point)
    return { view: () => view, release: () => Promise.resolve() }
  }

  /** Events are added at the end and with later dates, so what is behind the point is whole. */
  async #isSealed(point: ViewPoint): Promise<boolean> {
    const { eventStore } = this.#options.ports
    for await (const [last] of eventStore.readAll({ direction: 'backwards', limit: 1 }))
      return last !== undefined && !isWithin(last, point)
    return false
  }
}

interface Round {
  readonly point: ViewPoint
  readonly report: (progress: PastProgress) => void
  /** Asked for only where something is folded. */
  readonly isSealed: () => Promise<boolean>
  readonly timeoutMs: number
}

interface PastSource {
  view(wanted: Map<FoldedSource, readonly string[] | 'all'>): unknown
  release(): Promise<void>
}

/** A read model without history: what of it is folded for one query. */
class FoldedSource implements PastSource {
  readonly #options: PastViewsOptions
  readonly #pool: RefoldPool
  readonly #route: ReadModelRoute
  readonly #streamsOf: ReturnType<typeof keyedStreams>
  readonly #ids = new Set<string>()
  #fold: FoldInUse | undefined
  #isWhole = false

  constructor(options: PastViewsOptions, pool: RefoldPool, route: ReadModelRoute) {
    this.#options = options
    this.#pool = pool
    this.#route = route
    this.#streamsOf = keyedStreams(options.model, route)
  }

  view(wanted: Map<FoldedSource, readonly string[] | 'all'>): unknown {
    const { readModels } = this.#options.ports
    const { model, projection } = this.#route
    if (this.#isWhole && this.#fold) return readModels.view(this.#fold.generation, model)
    // Until something is folded there is nothing to look at; what is asked of the view is all that counts.
    const nowhere = { projection: `${projection.name}~past`, version: 0, number: 0 }
    const view = readModels.view(this.#fold?.generation ?? nowhere, model)
    return trackView(view, (ids) => {
      const missing = this.#streamsOf ? ids?.filter((id) => !this.#ids.has(id)) : undefined
      if (missing?.length === 0) return
      wanted.set(this, missing ?? 'all')
      throw new NotFoldedYet()
    })
  }

  async fold(wanted: readonly string[] | 'all', round: Round): Promise<void> {
    if (wanted === 'all' || !this.#streamsOf) return this.#foldAll(round)
    try {
      await this.#foldDocuments(wanted, this.#streamsOf, round)
    } catch (error) {
      if (!(error instanceof CutStreamError)) throw error
      await this.#foldAll(round)
    }
  }

  async #foldAll({ point, report, isSealed }: Round): Promise<void> {
    const wanted = { route: this.#route, point, extent: 'all', isSealed: await isSealed() } as const
    await this.#fold?.release()
    this.#fold = undefined
    this.#fold = await this.#pool.use(wanted)
    this.#isWhole = true
    await this.#fold.all(report)
  }

  async #foldDocuments(
    ids: readonly string[],
    streamsOf: (id: string) => readonly StreamName[],
    { point, report, isSealed }: Round,
  ): Promise<void> {
    const route = this.#route
    const wanted = { route, point, extent: 'documents', isSealed: await isSealed() } as const
    this.#fold ??= await this.#pool.use(wanted)
    for (const id of ids) {
      await this.#fold.document(id, streamsOf(id), report)
      this.#ids.add(id)
    }
  }

  async release(): Promise<void> {
    await this.#fold?.release()
  }
}

function viewPoint(subject: string, at: PointOrResult): ViewPoint {
  const point = pointOf(subject, at)
  if (point.position !== undefined) return { position: point.position }
  if (point.date !== undefined) return { date: point.date }
  throw new PointInTimeError(
    subject,
    point,
    'a revision belongs to one stream, a read model to many; use a position or a date',
  )
}

function once<Result>(ask: () => Promise<Result>): () => Promise<Result> {
  let asked: Promise<Result> | undefined
  return () => (asked ??= ask())
}
