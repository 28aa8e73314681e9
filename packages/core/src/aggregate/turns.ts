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

  /** Does work when everything before it on the same subject is done, whether that succeeded or failed. */
  async take<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(subject)
    if (!line) this.#lines.set(subject, [])
    else if (line.length >= this.#mostWaiting) throw this.#refuse(subject, line.length)
    else await new Promise<void>((begin) => line.push(begin))
    try {
      return await work()
    } finally {
      this.#end(subject)
    }
  }

  /** How many wait for a subject. */
  waiting(subject: string): number {
    return this.#lines.get(subject)?.length ?? 0
  }

  #end(subject: string): void {
    const begin = this.#lines.get(subject)?.shift()
    if (begin) begin()
    else this.#lines.delete(subject)
  }
}
