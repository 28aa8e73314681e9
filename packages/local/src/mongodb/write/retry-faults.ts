import { isNumeric, toNumber } from '../bson/value.ts'
import type { CommandContext } from '../commands/command.ts'
import { ServerError } from '../errors/server-error.ts'

/** The fail point `onPrimaryTransactionalWrite`: faults between a retryable write and its answer. */
export class RetryFaults {
  /** True when the connection is to be cut in place of the answer. */
  cutsConnection = false
  #entered = false

  constructor(private readonly context: CommandContext) {}

  /** The error the next statement fails with before it is committed, if it is to fail. */
  next(): ServerError | undefined {
    const { name, retryNumber, server } = this.context
    if (retryNumber === undefined) return undefined
    // All documents of one insert are committed together.
    if (name === 'insert' && this.#entered) return undefined
    this.#entered = true
    const data = server.failPoints.enter('onPrimaryTransactionalWrite')
    if (!data) return undefined
    if (data['closeConnection'] !== false) this.cutsConnection = true
    const code = data['failBeforeCommitExceptionCode']
    if (!isNumeric(code)) return undefined
    return new ServerError(
      toNumber(code),
      `Failing write for ${this.context.session?.key ?? ''}:${retryNumber} due to failpoint. The write must not be reflected.`,
    )
  }
}
