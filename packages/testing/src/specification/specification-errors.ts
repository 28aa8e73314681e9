import { VarveError } from '@varve/core'

/** A specification says nothing that could be checked, or something that makes no sense. */
export class SpecificationError extends VarveError {
  readonly code = 'SPECIFICATION'
  constructor(
    readonly subject: string,
    problem: string,
  ) {
    super(`The specification of ${subject} ${problem}`)
  }
}
