import { VarveError } from '../varve-error.ts'
import type { Constructor } from './constructor.ts'

/** What a payload has to become. */
export interface ValidationTarget<Message extends object = object> {
  /** Stable name of the message, for errors. */
  readonly type: string
  readonly class: Constructor<Message>
}

/** One rule a payload breaks. */
export interface Violation {
  /** Where: `amount`, `lines[2].price`; empty for the payload as a whole. */
  readonly path: string
  /** Name of the rule. */
  readonly rule: string
  /** What the rule asks for, as a sentence. */
  readonly message: string
}

/** Turns untyped payloads into checked messages. */
export interface MessageValidator {
  /**
   * Returns a new instance of the target's class with the payload's properties.
   *
   * @param payload A plain object, or an instance of the class.
   * @throws {InvalidMessageError} With every rule the payload breaks, unknown properties included.
   */
  validate<Message extends object>(
    target: ValidationTarget<Message>,
    payload: unknown,
  ): Message | Promise<Message>
}

/** A message breaks the rules of its class; nothing was done. */
export class InvalidMessageError extends VarveError {
  readonly code = 'INVALID_MESSAGE'
  constructor(
    readonly type: string,
    readonly violations: readonly Violation[],
    options?: ErrorOptions,
  ) {
    const lines = violations.map(
      ({ path, message }) => `  ${path === '' ? '(message)' : path}: ${message}`,
    )
    super(`"${type}" is not valid:\n${lines.join('\n')}`, options)
  }
}

/** Checks nothing but that the payload is an object: for applications without rules on their messages. */
export const uncheckedMessages: MessageValidator = {
  validate<Message extends object>(target: ValidationTarget<Message>, payload: unknown): Message {
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
      throw new InvalidMessageError(target.type, [
        { path: '', rule: 'isObject', message: 'must be an object' },
      ])
    return Object.assign(Object.create(target.class.prototype as object) as Message, payload)
  },
}
