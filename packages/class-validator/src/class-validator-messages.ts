import {
  type Constructor,
  InvalidMessageError,
  type MessageValidator,
  type ValidationTarget,
} from '@varve/core'
import { type ClassConstructor, plainToInstance } from 'class-transformer'
import { getMetadataStorage, validate } from 'class-validator'
import { PayloadReader } from './payload-reader.ts'
import { unknownProperty, violationsOf } from './violations.ts'

/** Options of {@link ClassValidatorMessages}. */
export interface ClassValidatorMessagesOptions {
  /**
   * Names properties of a message class that are not unknown although they have no rule, because something else
   * declares them. Default none.
   */
  readonly known?: (target: Constructor) => readonly string[]
}

/**
 * Validates messages by the rules of class-validator on their classes, and types them by class-transformer's `@Type`.
 *
 * Properties without a rule are refused, at every depth. A class without any rule is not checked: its properties are taken
 * as they are. Values are converted only where `@Type` or `@Transform` says so. What a custom rule throws is passed on.
 */
export class ClassValidatorMessages implements MessageValidator {
  readonly #known: (target: Constructor) => readonly string[]
  /** Rules are only ever added to a class. */
  readonly #withRules = new WeakSet<Constructor>()

  constructor(options: ClassValidatorMessagesOptions = {}) {
    this.#known = options.known ?? (() => [])
  }

  async validate<Message extends object>(
    target: ValidationTarget<Message>,
    payload: unknown,
  ): Promise<Message> {
    const message = build(target, payload)
    if (!this.#hasRules(target.class)) return message
    const errors = await validate(message, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    })
    if (errors.length === 0) return message
    const known = this.#known(target.class)
    const violations = violationsOf(errors, message).filter(
      ({ path, rule }) => !(rule === unknownProperty && known.includes(path)),
    )
    if (violations.length > 0) throw new InvalidMessageError(target.type, violations)
    return message
  }

  #hasRules(target: Constructor): boolean {
    if (this.#withRules.has(target)) return true
    const rules = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false)
    if (rules.length > 0) this.#withRules.add(target)
    return rules.length > 0
  }
}

function build<Message extends object>(
  target: ValidationTarget<Message>,
  payload: unknown,
): Message {
  const { copy, violations } = new PayloadReader(target.class).read(payload)
  if (violations.length > 0) throw new InvalidMessageError(target.type, violations)
  try {
    return plainToInstance(target.class as unknown as ClassConstructor<Message>, copy)
  } catch (cause) {
    const message = `could not be made of the payload: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new InvalidMessageError(target.type, [{ path: '', rule: 'transform', message }], {
      cause,
    })
  }
}
