import type { ReadModelChange, ReadModelChangeListener } from '@varve/core'

/** Keeps what a watch tells, and lets tests wait for it. */
export class HeardChanges implements ReadModelChangeListener {
  readonly changes: ReadModelChange[] = []
  readonly states: string[] = []
  readonly errors: unknown[] = []
  #waiting: (() => void)[] = []

  onChanges(changes: readonly ReadModelChange[]): void {
    this.changes.push(...changes)
    this.#wake()
  }

  onState(state: 'live' | 'retrying', error?: unknown): void {
    if (this.states.at(-1) !== state) this.states.push(state)
    if (error !== undefined) this.errors.push(error)
    this.#wake()
  }

  /** Ids of the documents it heard of, in order, each once in a row. */
  get ids(): string[] {
    return this.changes.flatMap((change) => (change.kind === 'document' ? [change.id] : []))
  }

  /** Waits until something holds; the test's own time limit ends it. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
