const brand = Symbol.for('@varve/error')

/**
 * Base of every error Varve throws.
 *
 * Each subclass stands for one thing that went wrong, carries its facts as fields and a stable `code`.
 * `name` is a prototype getter because the stack header is written before instance fields exist.
 */
export abstract class VarveError extends Error {
  /** Stable, in capitals: what to switch on. Listed in docs/reference/errors.md. */
  abstract readonly code: string

  override get name(): string {
    return this.constructor.name
  }

  get [brand](): true {
    return true
  }
}

/** Tells whether a value is a Varve error, also across copies of the package and realms. */
export function isVarveError(value: unknown): value is VarveError {
  return typeof value === 'object' && value !== null && brand in value
}
