import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/** The fail points the server has. */
export type FailPointName =
  'failCommand' | 'failGetMoreAfterCursorCheckout' | 'onPrimaryTransactionalWrite'

/** How often a fail point fires. */
interface Mode {
  readonly kind: 'off' | 'alwaysOn' | 'times' | 'skip' | 'random'
  readonly value: number
}

const OFF: Mode = { kind: 'off', value: 0 }

class FailPoint {
  #mode: Mode = OFF
  #left = 0
  #data: BsonDocument = {}
  timesEntered = 0

  set(mode: Mode, data: BsonDocument): void {
    this.#mode = mode
    this.#left = mode.value
    this.#data = data
  }

  enter(applies: (data: BsonDocument) => boolean): BsonDocument | undefined {
    if (this.#mode.kind === 'off' || !applies(this.#data) || !this.#fires()) return undefined
    this.timesEntered += 1
    return this.#data
  }

  #fires(): boolean {
    switch (this.#mode.kind) {
      case 'times':
        this.#left -= 1
        if (this.#left <= 0) this.#mode = OFF
        return this.#left >= 0
      case 'skip':
        this.#left -= 1
        return this.#left < 0
      case 'random':
        return Math.random() < this.#mode.value
      default:
        return true
    }
  }
}

/** The fail points of `configureFailPoint`. */
export class FailPoints {
  readonly #points: Readonly<Record<FailPointName, FailPoint>> = {
    failCommand: new FailPoint(),
    failGetMoreAfterCursorCheckout: new FailPoint(),
    onPrimaryTransactionalWrite: new FailPoint(),
  }

  /**
   * Arms or disarms a fail point.
   *
   * @returns How often the fail point was entered before.
   * @throws {ServerError} The name is not known, or mode or data are wrong.
   */
  configure(name: string, mode: BsonValue | undefined, data: BsonValue | undefined): number {
    const point = Object.hasOwn(this.#points, name)
      ? this.#points[name as FailPointName]
      : undefined
    if (!point) throw new ServerError('FailPointSetFailed', `${name} not found`)
    if (data !== undefined && !isDocument(data))
      throw new ServerError('TypeMismatch', "the 'data' option must be a JSON object")
    point.set(modeOf(mode), data ?? {})
    return point.timesEntered
  }

  /** The data of a fail point that fires now; counts only what applies. */
  enter(
    name: FailPointName,
    applies: (data: BsonDocument) => boolean = () => true,
  ): BsonDocument | undefined {
    return this.#points[name].enter(applies)
  }
}

function modeOf(mode: BsonValue | undefined): Mode {
  if (mode === 'off') return OFF
  if (mode === 'alwaysOn') return { kind: 'alwaysOn', value: 0 }
  if (typeof mode === 'string') throw new ServerError('BadValue', `unknown mode: ${mode}`)
  if (!isDocument(mode))
    throw new ServerError('TypeMismatch', "'mode' must be a string or JSON object")
  for (const kind of ['times', 'skip'] as const) {
    if (mode[kind] !== undefined) return { kind, value: countOf(kind, mode[kind]) }
  }
  const probability = mode['activationProbability']
  if (isNumeric(probability)) {
    const value = toNumber(probability)
    if (value >= 0 && value <= 1) return { kind: 'random', value }
    throw new ServerError(
      'BadValue',
      `activationProbability must be between 0.0 and 1.0; found ${value}`,
    )
  }
  throw new ServerError('BadValue', "invalid 'mode' object")
}

function countOf(kind: string, value: BsonValue): number {
  const count = isNumeric(value) ? toNumber(value) : NaN
  if (Number.isInteger(count) && count >= 0) return count
  throw new ServerError('BadValue', `'${kind}' option to 'mode' must be positive`)
}
