import { pause } from '../../bus/pause.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import type {
  ReadModelStore,
  StoredVersion,
  VersionKey,
} from '../../read-model/read-model-store.ts'
import { RebuildCancelledError } from './catch-up.ts'
import type { CompareOptions } from './compare-documents.ts'
import { type DocumentDifference, versionDifferenceOf } from './document-difference.ts'
import { maxMoving, maxRounds, pageSize, roundMs, roundsForMissing } from './settling.ts'

/** What {@link compareVersions} needs. */
export interface CompareVersionsOptions extends CompareOptions {
  /** What the log comes to. */
  readonly built: Generation
}

/** What was found of the versions of documents. */
export interface VersionComparison {
  /** Versions looked at. */
  readonly versions: number
  readonly differing: number
  readonly differences: readonly DocumentDifference[]
  readonly unsettled: number
}

interface Candidate extends VersionKey {
  readonly model: ReadModelDefinition
  /** Where the document was on both sides when it was last looked at. */
  readonly seen?: string
}

/** A version on both sides. */
interface Pair {
  readonly found: StoredVersion | undefined
  readonly expected: StoredVersion | undefined
}

/**
 * Compares the histories of what readers see with those of what the log comes to, version by version, while the
 * projection goes on: a version that differs is looked at again until both sides have the same events of its document.
 */
export async function compareVersions(options: CompareVersionsOptions): Promise<VersionComparison> {
  const comparing = new Comparing(options)
  for (const model of options.definition.models) if (model.history) await comparing.look(model)
  return comparing.settle()
}

class Comparing {
  readonly #options: CompareVersionsOptions
  readonly #store: ReadModelStore
  readonly #differences: DocumentDifference[] = []
  #moving: Candidate[] = []
  #versions = 0
  #differing = 0
  #unsettled = 0

  constructor(options: CompareVersionsOptions) {
    this.#options = options
    this.#store = options.store
  }

  /** Looks at all versions once and notes those to be looked at again. */
  async look(model: ReadModelDefinition): Promise<void> {
    const { active, built } = this.#options
    for await (const expected of this.#pages(model, built)) {
      this.#versions += expected.length
      const found = byKey(await this.#store.loadVersions(active, model, expected))
      for (const one of expected) {
        const other = found.get(nameOf(one))
        if (this.#differenceOf(model, { found: other, expected: one }))
          this.#note({ ...one, model })
      }
    }
    for await (const found of this.#pages(model, active)) {
      const expected = byKey(await this.#store.loadVersions(built, model, found))
      for (const one of found.filter((one) => !expected.has(nameOf(one)))) {
        this.#versions += 1
        this.#note({ ...one, model })
      }
    }
  }

  /** Looks again at what differed, until both sides have the same events. */
  async settle(): Promise<VersionComparison> {
    const { signal, definition, expectation } = this.#options
    for (let round = 1; this.#moving.length > 0 && round <= maxRounds; round += 1) {
      if (signal.aborted) throw new RebuildCancelledError(definition.name)
      if (round > 1) await pause(roundMs, signal)
      await expectation.catchUp()
      const candidates = this.#moving
      this.#moving = []
      for (const model of definition.models) {
        const own = candidates.filter((one) => one.model === model)
        for (let from = 0; from < own.length; from += pageSize)
          await this.#settlePage(model, own.slice(from, from + pageSize), round)
      }
    }
    return {
      versions: this.#versions,
      differing: this.#differing,
      differences: this.#differences,
      unsettled: this.#unsettled,
    }
  }

  async #settlePage(
    model: ReadModelDefinition,
    candidates: readonly Candidate[],
    round: number,
  ): Promise<void> {
    const { active, built } = this.#options
    const ids = [...new Set(candidates.map(({ id }) => id))]
    const before = await this.#store.load(active, model, ids)
    const found = byKey(await this.#store.loadVersions(active, model, candidates))
    const expected = byKey(await this.#store.loadVersions(built, model, candidates))
    const wanted = await this.#store.load(built, model, ids)
    const after = await this.#store.load(active, model, ids)
    for (const candidate of candidates) {
      const key = nameOf(candidate)
      const pair = { found: found.get(key), expected: expected.get(key) }
      const difference = this.#differenceOf(model, pair)
      if (!difference) continue
      const positions = [before, wanted, after].map((side) => side.get(candidate.id)?.position)
      const seen = positions.join()
      const isStill = round >= roundsForMissing && seen === candidate.seen
      const isSettled = isStill || areSettled(pair, positions)
      if (isSettled) this.#tell(difference)
      else if (round === maxRounds) this.#unsettled += 1
      else this.#moving.push({ ...candidate, seen })
    }
  }

  async *#pages(
    model: ReadModelDefinition,
    generation: Generation,
  ): AsyncGenerator<readonly StoredVersion[], void, undefined> {
    for (let after: VersionKey | undefined; ;) {
      const page = await this.#store.listVersions(generation, model, after, pageSize)
      const { signal, definition } = this.#options
      if (signal.aborted) throw new RebuildCancelledError(definition.name)
      if (page.length > 0) yield page
      if (page.length < pageSize) return
      after = page.at(-1)
    }
  }

  #differenceOf(model: ReadModelDefinition, pair: Pair): DocumentDifference | undefined {
    return this.#isDroppable(model, pair)
      ? undefined
      : versionDifferenceOf(model.name, pair.found, pair.expected)
  }

  /** A version that ended too long ago may be on one side only. */
  #isDroppable({ retention }: ReadModelDefinition, { found, expected }: Pair): boolean {
    const ended = (expected ?? found)?.toAt
    if (retention?.keepMs === undefined || (found && expected) || !ended) return false
    return ended.getTime() <= Date.now() - retention.keepMs
  }

  #tell(difference: DocumentDifference): void {
    this.#differing += 1
    if (this.#differences.length < this.#options.limit) this.#differences.push(difference)
  }

  #note({ model, id, from }: Candidate): void {
    if (this.#moving.length < maxMoving) this.#moving.push({ model, id, from })
    else this.#unsettled += 1
  }
}

/** Whether both sides have the events up to the version's end, or the same ones, where it has none. */
function areSettled(
  { found, expected }: Pair,
  positions: readonly (bigint | undefined)[],
): boolean {
  // What was deleted may have no position.
  if (positions.includes(undefined)) return false
  const end = (expected ?? found)?.to
  if (end !== undefined && positions.every((position = 0n) => position >= end)) return true
  return new Set(positions).size === 1
}

function byKey(versions: readonly StoredVersion[]): ReadonlyMap<string, StoredVersion> {
  return new Map(versions.map((version) => [nameOf(version), version]))
}

function nameOf({ id, from }: VersionKey): string {
  return `${from}/${id}`
}
