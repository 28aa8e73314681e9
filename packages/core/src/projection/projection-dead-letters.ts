import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
} from '../dead-letter/dead-letter-store.ts'
import { checkpointId } from '../read-model/generation.ts'
import type { ReadModelStore } from '../read-model/read-model-store.ts'
import { openGenerations } from './generations.ts'
import type { ProjectionDefinition } from './projection-definition.ts'

/** Which dead letters of a projection are meant. Default: all. */
export interface LetterSelection {
  /** Name of a read model. */
  readonly model?: string
  /** Id of a document. */
  readonly key?: string
}

/** The dead letters of a projection's active generation, and what is to become of them. */
export class ProjectionDeadLetters {
  readonly #definition: ProjectionDefinition
  readonly #readModels: ReadModelStore
  readonly #wake: () => void

  /** @param wake Has the workers of this process look at once; those of others look every second. */
  constructor(definition: ProjectionDefinition, readModels: ReadModelStore, wake: () => void) {
    this.#definition = definition
    this.#readModels = readModels
    this.#wake = wake
  }

  /** Yields letters in pages, by document, the oldest event of each first. */
  async *list(selection: LetterSelection = {}): AsyncIterable<readonly DeadLetter[]> {
    yield* this.#store.list(await this.#filter(selection))
  }

  /** Counts letters, those that wait behind others included. */
  async count(selection: LetterSelection = {}): Promise<number> {
    return this.#store.count(await this.#filter(selection))
  }

  /**
   * Has the letters tried again, those of each document from the oldest on; say it after mending what they failed of.
   * A letter whose document nobody knows stays: it goes with the next rebuild.
   *
   * @returns How many documents that concerns.
   */
  async retry(selection: LetterSelection = {}): Promise<number> {
    const queues = await this.#store.retry(await this.#filter(selection))
    this.#wake()
    return queues
  }

  /**
   * Gives letters up: their events never get into the documents. What stands behind them is tried at once.
   *
   * @param position Only the letter of the event there. Default: all that are selected.
   * @returns How many letters that were.
   */
  async discard(selection: LetterSelection, position?: bigint): Promise<number> {
    const letters = await this.#store.discard(await this.#filter(selection), position)
    this.#wake()
    return letters
  }

  get #store(): DeadLetterStore {
    return this.#readModels.deadLetters
  }

  async #filter(selection: LetterSelection): Promise<DeadLetterFilter> {
    const { active } = await openGenerations(this.#readModels, this.#definition)
    return { consumer: active ? checkpointId(active) : '', ...selection }
  }
}
