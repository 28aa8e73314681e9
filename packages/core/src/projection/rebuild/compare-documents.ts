import { pause } from '../../bus/pause.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { ReadModelDefinition } from '../../read-model/read-model-definition.ts'
import type { ReadModelStore, StoredDocument } from '../../read-model/read-model-store.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RebuildCancelledError } from './catch-up.ts'
import { differenceOf, type DocumentDifference } from './document-difference.ts'
import { maxMoving, maxRounds, pageSize, roundMs, roundsForMissing } from './settling.ts'

/** What the log comes to. */
export interface Expectation {
  /** Brings it to the end of the log as of now. */
  catchUp(): Promise<void>
  load(
    model: ReadModelDefinition,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>>
  /** Ids of a model's documents page by page; of those only, where the comparison is about them. */
  ids(model: ReadModelDefinition): AsyncIterable<readonly string[]>
  /** Whether documents that are not expected are looked for, too. */
  readonly isWhole: boolean
}

/** What {@link compareDocuments} needs. */
export interface CompareOptions {
  readonly definition: ProjectionDefinition
  readonly store: ReadModelStore
  /** What readers see. */
  readonly active: Generation
  readonly expectation: Expectation
  /** Most differences to tell of. */
  readonly limit: number
  readonly signal: AbortSignal
}

/** What a dry run found. */
export interface Comparison {
  /** Documents looked at. */
  readonly documents: number
  /** Versions of documents looked at, where read models keep their history. */
  readonly versions: number
  /** How many documents and versions differ. */
  readonly differing: number
  /** The first of them, documents before versions. */
  readonly differences: readonly DocumentDifference[]
  /** What is beyond the first 10,000 that changed meanwhile, so that nobody can say whether it differs. */
  readonly unsettled: number
}

/** What was found of documents as they are now. */
export type CurrentComparison = Omit<Comparison, 'versions'>

interface Candidate {
  readonly model: ReadModelDefinition
  readonly id: string
}

/**
 * Compares what readers see with what the log comes to, document by document, while the projection goes on: a document
 * that differs is looked at again until both sides have the same events in it.
 */
export async function compareDocuments(options: CompareOptions): Promise<CurrentComparison> {
  const comparing = new Comparing(options)
  for (const model of options.definition.models) await comparing.look(model)
  return comparing.settle()
}

/** Reads the ids of a generation's documents. */
export async function* idsIn(
  store: ReadModelStore,
  generation: Generation,
  model: ReadModelDefinition,
): AsyncGenerator<readonly string[], void, undefined> {
  for (let after: string | undefined; ;) {
    const page = await store.list(generation, model, after, pageSize)
    if (page.length > 0) yield page.map(({ _id }) => _id)
    if (page.length < pageSize) return
    after = page.at(-1)?._id
  }
}

class Comparing {
  readonly #options: CompareOptions
  readonly #differences: DocumentDifference[] = []
  #moving: Candidate[] = []
  #documents = 0
  #differing = 0
  #unsettled = 0

  constructor(options: CompareOptions) {
    this.#options = options
  }

  /** Looks at all documents once and notes those to be looked at again. */
  async look(model: ReadModelDefinition): Promise<void> {
    const { store, active, expectation } = this.#options
    for await (const ids of expectation.ids(model)) {
      this.#documents += ids.length
      for (const id of await this.#differingIds(model, ids)) this.#note({ model, id })
    }
    if (!expectation.isWhole) return
    for await (const ids of idsIn(store, active, model)) {
      const expected = await expectation.load(model, ids)
      const more = ids.filter((id) => !expected.get(id)?.document)
      this.#documents += more.length
      for (const id of more) this.#note({ model, id })
    }
  }

  /** Looks again at what differed, until both sides have the same events. */
  async settle(): Promise<CurrentComparison> {
    const { signal, definition } = this.#options
    for (let round = 1; this.#moving.length > 0 && round <= maxRounds; round += 1) {
      if (signal.aborted) throw new RebuildCancelledError(definition.name)
      if (round > 1) await pause(roundMs, signal)
      await this.#options.expectation.catchUp()
      const candidates = this.#moving
      this.#moving = []
      for (let from = 0; from < candidates.length; from += pageSize)
        await this.#settlePage(candidates.slice(from, from + pageSize), round)
    }
    return {
      documents: this.#documents,
      differing: this.#differing,
      differences: this.#differences,
      unsettled: this.#unsettled,
    }
  }

  async #differingIds(model: ReadModelDefinition, ids: readonly string[]): Promise<string[]> {
    const { store, active, expectation } = this.#options
    const [found, expected] = await Promise.all([
      store.load(active, model, ids),
      expectation.load(model, ids),
    ])
    const name = { model: model.name }
    return ids.filter((id) =>
      differenceOf({ ...name, id }, found.get(id)?.document, expected.get(id)?.document),
    )
  }

  async #settlePage(candidates: readonly Candidate[], round: number): Promise<void> {
    const { store, active, expectation, definition } = this.#options
    for (const model of definition.models) {
      const ids = candidates.filter((one) => one.model === model).map(({ id }) => id)
      if (ids.length === 0) continue
      const expected = await expectation.load(model, ids)
      const found = await store.load(active, model, ids)
      for (const id of ids) {
        const [there, wanted] = [found.get(id), expected.get(id)]
        const name = { model: model.name, id }
        const difference = differenceOf(name, there?.document, wanted?.document)
        if (!difference) continue
        // What readers see may be a moment ahead or behind; a stopped projection stays behind.
        const isSettled =
          there && wanted ? there.position === wanted.position : round >= roundsForMissing
        if (isSettled || round === maxRounds) this.#tell(difference)
        else this.#moving.push({ model, id })
      }
    }
  }

  #tell(difference: DocumentDifference): void {
    this.#differing += 1
    if (this.#differences.length < this.#options.limit) this.#differences.push(difference)
  }

  #note(candidate: Candidate): void {
    if (this.#moving.length < maxMoving) this.#moving.push(candidate)
    else this.#unsettled += 1
  }
}
