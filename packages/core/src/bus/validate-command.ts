import { InvalidMessageError, type MessageValidator } from '../message/message-validator.ts'
import { isPromiseLike } from '../aggregate/asynchronous.ts'
import type { CommandDefinition } from '../message/command-definition.ts'
import type { CommandMiddleware } from './command-envelope.ts'

/** Makes the payload a checked command before anything else happens. */
export function validateCommand(validator: MessageValidator): CommandMiddleware {
  return async ({ route, command: given, payload, context, options }, next) => {
    const checking = checkPayload(validator, route.command, given)
    const command = isPromiseLike(checking) ? await checking : checking
    return next({ route, command, payload, context, options })
  }
}

/**
 * Makes a payload a checked command.
 *
 * @throws {InvalidMessageError} It breaks a rule.
 */
export function checkPayload(
  validator: MessageValidator,
  { type, parse, class: commandClass }: CommandDefinition,
  payload: unknown,
): unknown {
  if (parse) return parse(payload)
  if (commandClass) return validator.validate({ type, class: commandClass }, payload)
  return checkObject(type, payload)
}

function checkObject(type: string, payload: unknown): unknown {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload
  throw new InvalidMessageError(type, [
    { path: '', rule: 'isObject', message: 'must be an object' },
  ])
}
