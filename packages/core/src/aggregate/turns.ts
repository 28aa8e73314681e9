/** How long a line may be. */
export interface TurnLimits {
  readonly mostWaiting: number
  /** How long one waits, in milliseconds. */
  readonly mostWaitMs: number
}

/** Who was refused. */
export interface Refused {
  readonly subject: string
  readonly waiting: number
  /** How long in vain, in milliseconds; undefined: there were too many already. */
  readonly waitedMs: number | undefined
}

type Begin = () => void

const nobody: Begin[] = []

/** Lets work on the same subject wait in line, first come first served; work on different ones goes on side by side. */
export class Turns {
  readonly #lines = new Map<string, Begin[]>()
  readonly #limits: TurnLimits
  readonly #refuse: (refused: Refused) => Error

  /** @param refuse Makes the error for whoever comes when so many wait already, or has waited for so long. */
  constructor(limits: TurnLimits, refuse: (refused: Refused) => Error) {
    this.#limits = limits
    this.#refuse = refuse
  }

  /**
   * Takes a turn, to be ended by {@link Turns.end} whatever comes.
   *
   * @returns Undefined where it begins at once; else resolves when it does, or rejects when it never did.
   */
  begin(subject: string): Promise<void> | undefined {
    const line = this.#lines.get(subject)
    if (!line) {
      this.#lines.set(subject, nobody)
      return undefined
    }
    if (line.length >= this.#limits.mostWaiting)
      throw this.#refuse({ subject, waiting: line.length, waitedMs: undefined })
    return this.#wait(subject, line)
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

  #wait(subject: string, known: Begin[]): Promise<void> {
    const line = known === nobody ? [] : known
    if (known === nobody) this.#lines.set(subject, line)
    const { mostWaitMs } = this.#limits
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const leave = (): void => {
        const waiting = line.length
        line.splice(line.indexOf(begin), 1)
        reject(this.#refuse({ subject, waiting, waitedMs: mostWaitMs }))
      }
      const timer = setTimeout(leave, mostWaitMs)
      line.push(begin)
    })
  }
}
