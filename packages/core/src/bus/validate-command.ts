import { InvalidMessageError, type MessageValidator } from '../message/message-validator.ts'
import type { CommandMiddleware } from './command-envelope.ts'

/** Makes the payload a checked command before anything else happens. */
export function validateCommand(validator: MessageValidator): CommandMiddleware {
  return async (envelope, next) => {
    const { type, parse, class: commandClass } = envelope.route.command
    const payload = envelope.command
    if (commandClass && !parse) {
      const command = await validator.validate({ type, class: commandClass }, payload)
      return next({ ...envelope, command })
    }
    return next({ ...envelope, command: parse ? parse(payload) : checkObject(type, payload) })
  }
}

function checkObject(type: string, payload: unknown): unknown {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload
  throw new InvalidMessageError(type, [
    { path: '', rule: 'isObject', message: 'must be an object' },
  ])
}
