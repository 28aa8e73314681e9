/** Shows how far a long piece of work is: a bar on a terminal, a line each tenth otherwise. */
export class Progress {
  readonly #label: string
  readonly #startedAt = performance.now()
  readonly #output: NodeJS.WriteStream
  #shownTenth = 0
  #shownAt = 0

  constructor(label: string, output: NodeJS.WriteStream = process.stdout) {
    this.#label = label
    this.#output = output
  }

  /** @param ratio 0 to 1. */
  update(ratio: number, count: number): void {
    if (this.#output.isTTY) this.#drawBar(ratio, count)
    else this.#printTenth(ratio, count)
  }

  /** Ends with the total and the rate. */
  finish(count: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const line = `${this.#label}  ${count.toLocaleString('en')} in ${seconds.toFixed(1)} s (${Math.round(count / seconds).toLocaleString('en')}/s)`
    this.#output.write(this.#output.isTTY ? `\r\u001B[2K${line}\n` : `${line}\n`)
  }

  #drawBar(ratio: number, count: number): void {
    const now = performance.now()
    if (now - this.#shownAt < 80) return
    this.#shownAt = now
    const width = 30
    const full = Math.round(ratio * width)
    const bar = '█'.repeat(full) + '░'.repeat(width - full)
    this.#output.write(
      `\r\u001B[2K${this.#label}  ${bar} ${Math.floor(ratio * 100)} %  ${count.toLocaleString('en')}`,
    )
  }

  #printTenth(ratio: number, count: number): void {
    const tenth = Math.floor(ratio * 10)
    if (tenth <= this.#shownTenth || tenth > 9) return
    this.#shownTenth = tenth
    this.#output.write(`${this.#label}  ${tenth * 10} %  ${count.toLocaleString('en')}\n`)
  }
}
