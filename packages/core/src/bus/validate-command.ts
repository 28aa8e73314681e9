import type { MessageValidator } from '../message/message-validator.ts'
import type { CommandMiddleware } from './command-envelope.ts'

/** Makes the payload a checked command before anything else happens. */
export function validateCommand(validator: MessageValidator): CommandMiddleware {
  return async (envelope, next) => {
    const { command: definition } = envelope.route
    const { type, parse } = definition
    const command = parse
      ? parse(envelope.command)
      : definition.class
        ? await validator.validate({ type, class: definition.class }, envelope.command)
        : envelope.command
    return next({ ...envelope, command })
  }
}
