import { VarveError } from '@varve/core'

/** A subject is to be forgotten, but no event of the application has personal data. */
export class NoPersonalDataError extends VarveError {
  readonly code = 'NO_PERSONAL_DATA'
  constructor(readonly subject: string) {
    super(
      `"${subject}" cannot be forgotten: no event of this application has personal data. Mark the fields with @PersonalData, or name them in "personal".`,
    )
  }
}
