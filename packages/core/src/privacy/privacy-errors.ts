import type { StreamName } from '../event-store/stream-name.ts'
import { VarveError } from '../varve-error.ts'

/** An event has data about a person who is forgotten. Nothing was stored. */
export class ForgottenSubjectError extends VarveError {
  readonly code = 'FORGOTTEN_SUBJECT'
  constructor(
    readonly type: string,
    readonly stream: StreamName,
    readonly subject: string,
  ) {
    super(
      `Event "${type}" for stream "${stream}" has personal data of "${subject}", who is forgotten. Nothing can be sealed for a forgotten subject: leave the data out, or give the person another id.`,
    )
  }
}

/** An event does not say whose personal data it has. Nothing was stored. */
export class MissingSubjectError extends VarveError {
  readonly code = 'MISSING_SUBJECT'
  constructor(
    readonly type: string,
    readonly stream: StreamName,
    readonly path: string,
    found: string,
  ) {
    super(
      `Event "${type}" for stream "${stream}" has personal data, but its field "${path}" is ${found}: expected the id of the subject, a text that is not empty.`,
    )
  }
}

/** The master key is no key. It is not told, so that no log has it. */
export class InvalidMasterKeyError extends VarveError {
  readonly code = 'INVALID_MASTER_KEY'
  constructor(readonly bytes: number) {
    super(
      `The master key is not 32 bytes as base64: ${bytes} bytes could be read. Make one with "openssl rand -base64 32", and keep it where neither the log nor the read models are.`,
    )
  }
}
