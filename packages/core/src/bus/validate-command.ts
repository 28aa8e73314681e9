import { InvalidMessageError, type MessageValidator } from '../message/message-validator.ts'
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
        : checkObject(type, envelope.command)
    return next({ ...envelope, command })
  }
}

function checkObject(type: string, payload: unknown): unknown {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload
  throw new InvalidMessageError(type, [
    { path: '', rule: 'isObject', message: 'must be an object' },
  ])
}
