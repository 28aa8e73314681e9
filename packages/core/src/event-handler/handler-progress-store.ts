/** How far an event handler is, and who may go on. */
export interface HandlerProgress {
  readonly handler: string
  /** Everything up to here is done with. Undefined: nothing yet. */
  readonly position: bigint | undefined
  /** The furthest `position` ever was: what is up to here and comes again is a replay. */
  readonly furthest: bigint | undefined
  /** Grows each time a process takes over or the progress is moved by hand; an older epoch is refused. */
  readonly epoch: bigint
  /** How often it was moved by hand. */
  readonly moves: number
  /** Somebody wants nothing to be handled for now. */
  readonly isPaused: boolean
}

/** Keeps how far event handlers are, one record each. */
export interface HandlerProgressStore {
  /** Returns the progress of a handler; undefined where it was never opened. */
  read(handler: string): Promise<HandlerProgress | undefined>

  /**
   * Makes the record of a handler that has none; one that is there stays as it is.
   *
   * @param position Where the handler starts; also the furthest it has been.
   */
  open(handler: string, position: bigint | undefined): Promise<void>

  /** Takes a handler over: raises the epoch, so that every earlier process is refused. Opens it where it is new. */
  take(handler: string): Promise<HandlerProgress>

  /**
   * Moves on. The same call again, after an answer was lost, succeeds without effect.
   *
   * @param from As this process knows it.
   * @throws {EventHandlerConflictError} Another process took over, or somebody moved it. Nothing changed.
   */
  advance(from: HandlerProgress, position: bigint): Promise<HandlerProgress>

  /**
   * Moves by hand, back or on, and raises the epoch, so that whoever is running it starts again from there.
   * `furthest` never goes back.
   *
   * @param position Undefined: before the first event.
   */
  move(handler: string, position: bigint | undefined): Promise<HandlerProgress>

  /** Notes that a handler shall rest, or go on; for all processes, and over restarts. Opens it where it is new. */
  setPaused(handler: string, isPaused: boolean): Promise<void>
}
