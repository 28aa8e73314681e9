import type { GrpcCall } from '../grpc/grpc-call.ts'
import type { EventLog } from '../log/event-log.ts'

/** Lets one subscription sleep until there is something new in the log, or its call is over. */
export class CommitSignal {
  #wake: (() => void) | undefined

  constructor(log: EventLog, call: GrpcCall) {
    const wake = (): void => this.#wake?.()
    const stop = log.onCommitted(wake)
    call.onClosed(() => {
      stop()
      wake()
    })
  }

  /** Resolves after the next commit. What was committed before the call has to be read already. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
