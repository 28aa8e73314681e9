import { isDocument, isNumeric, toNumber, type BsonDocument } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

interface Armed {
  readonly data: BsonDocument
  skip: number
  /** Times left; Infinity when always on. */
  left: number
}

/** The fail points of `configureFailPoint`; only `failCommand` exists. */
export class FailPoints {
  #armed: Armed | undefined

  /**
   * Arms or disarms the fail point.
   *
   * @throws {ServerError} The name or mode is not known.
   */
  configure(name: string, mode: unknown, data: BsonDocument): void {
    if (name !== 'failCommand')
      throw new ServerError(
        'CommandNotSupported',
        `The fail point ${name} is not supported by the development server`,
      )
    if (mode === 'off') this.#armed = undefined
    else if (mode === 'alwaysOn') this.#armed = { data, skip: 0, left: Infinity }
    else if (isDocument(mode) && isNumeric(mode['times'])) {
      this.#armed = { data, skip: 0, left: toNumber(mode['times']) }
    } else if (isDocument(mode) && isNumeric(mode['skip'])) {
      this.#armed = { data, skip: toNumber(mode['skip']), left: Infinity }
    } else throw new ServerError('BadValue', 'unknown mode of configureFailPoint')
  }

  /** What is to happen to a command, if anything; counts. */
  hit(command: string, appName: string | undefined): BsonDocument | undefined {
    const armed = this.#armed
    if (!armed) return undefined
    const { failCommands, appName: wanted } = armed.data
    const commands = Array.isArray(failCommands) ? failCommands : []
    if (!commands.some((name) => name === command)) return undefined
    if (wanted !== undefined && wanted !== appName) return undefined
    if (armed.skip > 0) {
      armed.skip -= 1
      return undefined
    }
    armed.left -= 1
    if (armed.left <= 0) this.#armed = undefined
    return armed.data
  }
}
