import type { Violation } from '@varve/core'
import type { ValidationError } from 'class-validator'

/** Name class-validator gives the rule that properties without a rule break. */
export const unknownProperty = 'whitelistValidation'

/** Lists the rules that were broken, at every depth, in class-validator's order. */
export function violationsOf(
  errors: readonly ValidationError[],
  message: unknown,
  path = '',
): readonly Violation[] {
  return errors.flatMap((error) => {
    const property = error.property as string | undefined
    const inside = property === undefined ? message : read(message, property)
    const place = property === undefined ? path : pathTo(path, property, isList(message))
    const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => ({
      path: place,
      rule,
      message: rule === 'unknownValue' ? notTyped : text,
    }))
    return [...own, ...violationsOf(error.children ?? [], inside, place)]
  })
}

const notTyped =
  'must be of a class with rules: name it with @Type(() => …) of class-transformer beside @ValidateNested()'

/** Adds a step to a path: `lines[2].price`. */
export function pathTo(path: string, property: string, isIndex = false): string {
  if (isIndex) return `${path}[${property}]`
  return path === '' ? property : `${path}.${property}`
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set
}

function read(value: unknown, property: string): unknown {
  if (value instanceof Map) return value.get(property)
  if (value instanceof Set) return [...(value as Set<unknown>)][Number(property)]
  return (value as Record<string, unknown> | null | undefined)?.[property]
}
