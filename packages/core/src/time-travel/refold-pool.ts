import { EventStoreClosedError } from '../event-store/event-store-errors.ts'
import type { ReadModelRoute } from '../model/application-model.ts'
import type { ProjectionDefinition } from '../projection/projection-definition.ts'
import type { ProjectionPorts } from '../projection/projection-ports.ts'
import type { Generation } from '../read-model/generation.ts'
import { describePoint, type PointInTime } from './point-in-time.ts'
import type { PastProgress, PastTuning } from './past-tuning.ts'
import { Refold } from './refold.ts'
import type { StreamName } from '../event-store/stream-name.ts'
import { claimMs, TemporaryGenerations } from './temporary-generations.ts'

/** What a query of the past is to be folded. */
export interface WantedFold {
  readonly route: ReadModelRoute
  readonly point: PointInTime
  /** Whether only some documents of the model are, or all of the projection. */
  readonly extent: 'documents' | 'all'
  /** Whether all events up to the point are in the log, so that what is folded once is right for ever. */
  readonly isSealed: boolean
}

/** What was folded, while somebody uses it. */
export interface FoldInUse {
  readonly generation: Generation
  /** Folds all of the projection, or waits for whoever does. */
  all(onProgress: (progress: PastProgress) => void): Promise<void>
  /** Folds one document out of its streams, or waits for whoever does. */
  document(
    id: string,
    streams: readonly StreamName[],
    onProgress: (progress: PastProgress) => void,
  ): Promise<void>
  release(): Promise<void>
}

interface Entry {
  readonly key: string
  readonly at: string
  readonly route: ReadModelRoute
  readonly generation: Promise<Generation>
  /** By document; `''` stands for all. One after the other, as they write one generation. */
  readonly folds: Map<string, Promise<void>>
  turn: Promise<unknown>
  users: number
  isBroken: boolean
  expiry: NodeJS.Timeout | undefined
}

/** Folds for queries of the past, keeps what was folded for the next query of the same point, and drops it in time. */
export class RefoldPool {
  readonly #ports: ProjectionPorts
  readonly #tuning: Required<PastTuning>
  readonly #generations: TemporaryGenerations
  readonly #entries = new Map<string, Entry>()
  readonly #holds = new Map<string, number>()
  /** All that is not dropped yet, also what nobody else may use any more. */
  readonly #live = new Set<Entry>()
  readonly #dropping = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  #renewal: NodeJS.Timeout | undefined
  #unshared = 0

  constructor(ports: ProjectionPorts, tuning: Required<PastTuning>) {
    this.#ports = ports
    this.#tuning = tuning
    this.#generations = new TemporaryGenerations(ports)
  }

  /** Drops what processes that died have left. */
  async sweep(definitions: readonly ProjectionDefinition[]): Promise<void> {
    for (const definition of definitions) await this.#generations.sweep(definition)
  }

  /** Keeps whatever is folded for a point until it is released. */
  hold(point: PointInTime): () => Promise<void> {
    const at = describePoint(point)
    this.#holds.set(at, (this.#holds.get(at) ?? 0) + 1)
    let isReleased = false
    return async () => {
      if (isReleased) return
      isReleased = true
      const left = (this.#holds.get(at) ?? 1) - 1
      if (left > 0) this.#holds.set(at, left)
      else this.#holds.delete(at)
      if (left > 0) return
      const idle = [...this.#entries.values()].filter((one) => one.at === at && one.users === 0)
      await Promise.all(idle.map((entry) => this.#drop(entry)))
    }
  }

  /** Opens what was folded for a point already, or room for it. */
  async use(wanted: WantedFold): Promise<FoldInUse> {
    this.checkOpen()
    const entry = this.#entryOf(wanted)
    entry.users += 1
    clearTimeout(entry.expiry)
    const release = (): Promise<void> => this.#release(entry)
    try {
      const generation = await entry.generation
      const fold = (name: string, run: (refold: Refold) => Promise<void>, report: Report) =>
        this.#fold(entry, { name, generation, point: wanted.point, report }, run)
      return {
        generation,
        all: (report) => fold('', (refold) => refold.all(), report),
        document: (id, streams, report) =>
          fold(id, (refold) => refold.document(id, streams), report),
        release,
      }
    } catch (error) {
      entry.isBroken = true
      await release()
      throw error
    }
  }

  /** Answers no later query from what was folded so far, and drops it: at once, or when those who use it are done. */
  async clear(): Promise<void> {
    const entries = [...this.#entries.values()]
    for (const entry of entries) entry.isBroken = true
    const idle = entries.filter(({ users }) => users === 0)
    await Promise.all(idle.map((entry) => this.#drop(entry)))
  }

  /** Ends what is being folded, and drops everything: who still uses it must not answer from it. */
  async close(): Promise<void> {
    this.#closing.abort()
    const dropped = [...this.#live].map(async (entry) => {
      await entry.turn
      await this.#drop(entry)
    })
    await Promise.all(dropped)
    await Promise.all(this.#dropping)
  }

  /** @throws {EventStoreClosedError} What was folded is dropped, or about to be. */
  checkOpen(): void {
    if (this.#closing.signal.aborted) throw new EventStoreClosedError('a query of the past')
  }

  #entryOf({ route, point, extent, isSealed }: WantedFold): Entry {
    const { model, projection } = route
    const at = describePoint(point)
    const subject = extent === 'all' ? projection.name : `${projection.name}/${model.name}`
    const own = isSealed ? '' : ` #${(this.#unshared += 1)}`
    const key = `${subject} at ${at}${own}`
    const known = this.#entries.get(key)
    if (known && !known.isBroken) return known
    const entry: Entry = {
      key,
      at,
      route,
      generation: this.#generations.create(projection),
      folds: new Map(),
      turn: Promise.resolve(),
      users: 0,
      isBroken: !isSealed,
      expiry: undefined,
    }
    this.#entries.set(key, entry)
    this.#live.add(entry)
    this.#renewal ??= setInterval(() => void this.#renew(), claimMs / 3).unref()
    return entry
  }

  #fold(
    entry: Entry,
    { name, generation, point, report }: FoldRun,
    run: (refold: Refold) => Promise<void>,
  ): Promise<void> {
    const known = entry.folds.get(name)
    if (known) return known
    const { mostEvents } = this.#tuning
    const { route } = entry
    // One of its own: a signal warns of many who listen to it.
    const signal = AbortSignal.any([this.#closing.signal])
    const ports = this.#ports
    const options = { ports, route, generation, point, mostEvents, onProgress: report, signal }
    const folding = entry.turn.then(async () => {
      this.checkOpen()
      await Refold.run(options, run).finally(() => this.checkOpen())
    })
    entry.turn = folding.catch(() => {
      entry.isBroken = true
    })
    entry.folds.set(name, folding)
    return folding
  }

  async #release(entry: Entry): Promise<void> {
    entry.users -= 1
    if (entry.users > 0) return
    const { keepMs } = this.#tuning
    if (entry.isBroken || this.#closing.signal.aborted || keepMs <= 0) return this.#drop(entry)
    const expire = (): void => {
      if (entry.users === 0 && !this.#holds.has(entry.at)) void this.#drop(entry)
    }
    entry.expiry = setTimeout(expire, keepMs).unref()
  }

  async #drop(entry: Entry): Promise<void> {
    if (!this.#live.delete(entry)) return
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key)
    clearTimeout(entry.expiry)
    if (this.#entries.size === 0) {
      clearInterval(this.#renewal)
      this.#renewal = undefined
    }
    const dropping = entry.generation.then(
      (generation) => this.#generations.drop(entry.route.projection, generation),
      // Noted, but perhaps not created: a sweep will see to it.
      () => undefined,
    )
    this.#dropping.add(dropping)
    await dropping.finally(() => this.#dropping.delete(dropping))
  }

  async #renew(): Promise<void> {
    const byProjection = new Map<ProjectionDefinition, Generation[]>()
    for (const { route, generation } of this.#entries.values()) {
      const found = await generation.catch(() => undefined)
      if (found)
        byProjection.set(route.projection, [...(byProjection.get(route.projection) ?? []), found])
    }
    for (const [definition, kept] of byProjection)
      await this.#generations.renew(definition, kept).catch((error: unknown) =>
        this.#ports.logger.warn('The documents of a past query could not be claimed further.', {
          projection: definition.name,
          error,
        }),
      )
  }
}

type Report = (progress: PastProgress) => void

interface FoldRun {
  readonly name: string
  readonly generation: Generation
  readonly point: PointInTime
  readonly report: Report
}
