const nobody: (() => void)[] = []

/** Lets work on the same subject wait in line, first come first served; work on different ones goes on side by side. */
export class Turns {
  readonly #lines = new Map<string, (() => void)[]>()
  readonly #mostWaiting: number
  readonly #refuse: (subject: string, waiting: number) => Error

  /** @param refuse Makes the error for whoever comes when so many wait already. */
  constructor(mostWaiting: number, refuse: (subject: string, waiting: number) => Error) {
    this.#mostWaiting = mostWaiting
    this.#refuse = refuse
  }

  /**
   * Takes a turn, to be ended by {@link Turns.end} whatever comes.
   *
   * @returns Undefined where it begins at once; else resolves when it does.
   */
  begin(subject: string): Promise<void> | undefined {
    const line = this.#lines.get(subject)
    if (!line) {
      this.#lines.set(subject, nobody)
      return undefined
    }
    if (line.length >= this.#mostWaiting) throw this.#refuse(subject, line.length)
    return new Promise((begin) => {
      if (line === nobody) this.#lines.set(subject, [begin])
      else line.push(begin)
    })
  }

  /** Ends a turn and begins the next one. */
  end(subject: string): void {
    const line = this.#lines.get(subject)
    const begin = line === nobody ? undefined : line?.shift()
    if (begin) begin()
    else this.#lines.delete(subject)
  }

  /** How many wait for a subject. */
  waiting(subject: string): number {
    return this.#lines.get(subject)?.length ?? 0
  }
}
