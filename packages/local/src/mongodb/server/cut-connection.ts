/** Ends the connection in place of an answer, as a fail point asks for. */
export class CutConnection extends Error {
  constructor() {
    super('The connection is cut by a fail point; its client has to connect again.')
  }
  override get name(): string {
    return 'CutConnection'
  }
}
