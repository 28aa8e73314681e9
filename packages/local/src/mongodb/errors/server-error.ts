import type { BsonDocument } from '../bson/value.ts'
import { codeNameOf } from './code-names.ts'
import { ERROR_CODE, type ErrorCodeName } from './error-codes.ts'

/** An error the server answers a command with. */
export class ServerError extends Error {
  /** The server's numeric code. */
  readonly code: number
  /** True when a cursor over changes failed: such errors say whether to resume. */
  ofChangeStream = false

  /**
   * @param code  A name, or the number of a single assertion.
   * @param extra Fields added to the answer, for example `keyPattern` of a duplicate key.
   */
  constructor(
    code: ErrorCodeName | number,
    message: string,
    readonly extra: BsonDocument = {},
  ) {
    super(message)
    this.code = typeof code === 'number' ? code : ERROR_CODE[code]
  }

  override get name(): string {
    return 'ServerError'
  }

  /** The server's name of the code. */
  get codeName(): string {
    return codeNameOf(this.code)
  }
}
