import {
  EventHandlerConflictError,
  type HandlerProgress,
  type HandlerProgressStore,
} from '@varve/core'

/** The progress of event handlers in memory: the fast target of tests, and the smallest example of writing a store. */
export class InMemoryHandlerProgressStore implements HandlerProgressStore {
  readonly #records = new Map<string, HandlerProgress>()

  async read(handler: string): Promise<HandlerProgress | undefined> {
    return this.#records.get(handler)
  }

  async open(handler: string, position: bigint | undefined): Promise<void> {
    if (!this.#records.has(handler)) this.#opened(handler, position)
  }

  async take(handler: string): Promise<HandlerProgress> {
    const found = this.#opened(handler)
    return this.#save({ ...found, epoch: found.epoch + 1n })
  }

  async advance(from: HandlerProgress, position: bigint): Promise<HandlerProgress> {
    const found = this.#records.get(from.handler)
    const isOwn = found?.epoch === from.epoch
    if (isOwn && found.position === position) return found
    if (!isOwn || found.position !== from.position) throw new EventHandlerConflictError(from, found)
    return this.#save({ ...found, position, furthest: furthestOf(found, position) })
  }

  async move(handler: string, position: bigint | undefined): Promise<HandlerProgress> {
    const found = this.#opened(handler)
    const { epoch, moves } = found
    const furthest = furthestOf(found, position)
    return this.#save({ ...found, position, furthest, epoch: epoch + 1n, moves: moves + 1 })
  }

  async setPaused(handler: string, isPaused: boolean): Promise<void> {
    this.#save({ ...this.#opened(handler), isPaused })
  }

  #opened(handler: string, position?: bigint): HandlerProgress {
    const found = this.#records.get(handler)
    if (found) return found
    return this.#save({
      handler,
      position,
      furthest: position,
      epoch: 0n,
      moves: 0,
      isPaused: false,
    })
  }

  #save(progress: HandlerProgress): HandlerProgress {
    this.#records.set(progress.handler, progress)
    return progress
  }
}

function furthestOf(
  { furthest }: HandlerProgress,
  position: bigint | undefined,
): bigint | undefined {
  if (position === undefined || furthest === undefined) return furthest ?? position
  return position > furthest ? position : furthest
}
