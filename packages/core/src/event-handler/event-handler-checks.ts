import { checkName } from '../model/definition-checks.ts'
import { failurePolicies, type EventHandlerDefinition } from './event-handler-definition.ts'

const deliveryModes = ['at-most-once', 'at-least-once', 'idempotent']

/** Checks an event handler by itself; returns the mistakes. */
export function checkEventHandler(handler: EventHandlerDefinition): readonly string[] {
  const { name, delivery, reactions, onError, windowMs, timeoutMs } = handler
  const subject = `Event handler "${name}"`
  const mistakes = [...checkName('Event handler', name)]
  if (!deliveryModes.includes(delivery))
    mistakes.push(
      `${subject} has delivery ${JSON.stringify(delivery)}: expected ${deliveryModes.map((mode) => `"${mode}"`).join(', ')}.`,
    )
  if (reactions.length === 0) mistakes.push(`${subject} handles no event.`)
  const types = reactions.map(({ event }) => event.type)
  for (const type of new Set(types.filter((type, index) => types.indexOf(type) !== index)))
    mistakes.push(
      `${subject} handles "${type}" twice. Give each an event handler of its own: what fails is tried again as a whole.`,
    )
  if (!failurePolicies.includes(onError))
    mistakes.push(
      `${subject} has onError ${JSON.stringify(onError)}: expected ${failurePolicies.map((policy) => `"${policy}"`).join(', ')}.`,
    )
  if (delivery === 'at-most-once' && onError === 'halt')
    mistakes.push(
      `${subject} is to halt on errors, but at most once it is past an event before that can fail. Leave onError out, keep such events with "dead-letter", or choose another delivery.`,
    )
  for (const [option, found] of Object.entries({ windowMs, timeoutMs }))
    if (!(found > 0))
      mistakes.push(`${subject} has ${option} ${found}: expected milliseconds above 0.`)
  return mistakes
}
