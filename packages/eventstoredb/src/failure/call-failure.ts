/** Why a call to the server is known to have failed, where the client does not say it itself. */
export type CallFailureReason = 'no-answer' | 'ended-early'

/**
 * A call that has no outcome: the server was silent for too long, or the connection was given up.
 * Never leaves this package; it becomes the cause of an error that does.
 */
export class CallFailure extends Error {
  readonly reason: CallFailureReason

  constructor(reason: CallFailureReason, message: string) {
    super(message)
    this.reason = reason
  }

  override get name(): string {
    return 'CallFailure'
  }
}
