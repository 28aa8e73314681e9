import { collectionName, type ReadModelChange, type ReadModelChangeListener } from '@varve/core'
import { within } from '../contract/patience.ts'
import type { ReadModelChangesSubject } from './read-model-changes-subject.ts'

/** Keeps what a watch tells, and waits for more. */
export class ChangeProbe implements ReadModelChangeListener {
  readonly changes: ReadModelChange[] = []
  readonly #subject: ReadModelChangesSubject
  #wake = (): void => undefined

  constructor(subject: ReadModelChangesSubject) {
    this.#subject = subject
  }

  onChanges(changes: readonly ReadModelChange[]): void {
    this.changes.push(...changes)
    this.#wake()
  }

  onState(): void {
    this.#wake()
  }

  /** Tells whether a change to a document of the main model was told, as exactly as the subject can. */
  hasHeardOf(id: string): boolean {
    const { generation, model, namesDocuments } = this.#subject
    const collection = collectionName(model, generation)
    return this.changes.some((change) =>
      namesDocuments
        ? change.kind === 'document' && change.collection === collection && change.id === id
        : change.kind === 'collection' && change.collection === collection,
    )
  }

  get hasHeardOfGenerations(): boolean {
    const { projection } = this.#subject
    return this.changes.some(
      (change) => change.kind === 'generations' && change.projection === projection,
    )
  }

  /** Forgets what was told, to wait for what comes. */
  forget(): void {
    this.changes.length = 0
  }

  /** @param awaited Ends the sentence "Waited 10000 ms for …". */
  until(awaited: string, condition: () => boolean): Promise<void> {
    return within(this.#subject.patienceMs, awaited, this.#until(condition))
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}
