import { VarveError } from '@varve/core'

/** Something a contract case waited for did not happen. */
export class OutOfPatienceError extends VarveError {
  readonly code = 'OUT_OF_PATIENCE'
  constructor(
    readonly awaited: string,
    readonly patienceMs: number,
  ) {
    super(`Waited ${patienceMs} ms for ${awaited}, in vain.`)
  }
}
