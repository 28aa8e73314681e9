import type { Constructor } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'

/** Records of {@link Command}. */
export const commandKey = metadataKey<{ readonly name: string }>('command')

/**
 * Makes a class a command. One of its properties carries `@AggregateId()`.
 *
 * @param type Stable name, such as `account.deposit`; never inherited, never taken from the class's name.
 */
export function Command(type: string) {
  return (target: Constructor): void => record(commandKey, target, { name: type })
}
