import { Double } from 'bson'
import { typeNameOf } from '../bson/bson-type.ts'
import { compareText } from '../bson/compare.ts'
import { isNumeric, toNumber, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compilePattern, patternOf } from '../query/regular-expression.ts'
import { computed, isNullish, namedArguments } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

/** Text of a value where the server turns numbers and dates into text; null and missing are empty. */
export function textOf(name: string, value: BsonValue | undefined): string {
  if (isNullish(value)) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Double) return String(value.value)
  if (isNumeric(value)) return String(value)
  throw new ServerError(
    16007,
    `can't convert from BSON type ${typeNameOf(value)} to String in ${name}`,
  )
}

function text(name: string, value: BsonValue | undefined): string {
  if (typeof value === 'string') return value
  throw new ServerError(34471, `${name} requires a string argument, found: ${typeNameOf(value)}`)
}

function whole(name: string, value: BsonValue | undefined): number {
  const number = isNumeric(value) ? toNumber(value) : NaN
  if (Number.isInteger(number)) return number
  throw new ServerError(
    34450,
    `${name}: starting index must be a whole number, found: ${typeNameOf(value)}`,
  )
}

const folded = (name: string, change: (value: string) => string): ExpressionOperator =>
  // Only ASCII letters, as the server.
  computed(([value]) => textOf(name, value).replace(/[A-Za-z]+/g, change), 1)

function concat(args: readonly (BsonValue | undefined)[]): BsonValue {
  if (args.some(isNullish)) return null
  return args
    .map((value) => {
      if (typeof value === 'string') return value
      throw new ServerError(16702, `$concat only supports strings, not ${typeNameOf(value)}`)
    })
    .join('')
}

function substringBytes([value, start, length]: readonly (BsonValue | undefined)[]): BsonValue {
  const bytes = Buffer.from(textOf('$substrBytes', value))
  const from = whole('$substrBytes', start)
  const count = whole('$substrBytes', length)
  return bytes.subarray(from, count < 0 ? undefined : from + count).toString()
}

function substringPoints([value, start, length]: readonly (BsonValue | undefined)[]): BsonValue {
  const from = whole('$substrCP', start)
  return Array.from(textOf('$substrCP', value))
    .slice(from, from + whole('$substrCP', length))
    .join('')
}

function trim(name: string, left: boolean, right: boolean): ExpressionOperator {
  return namedArguments(['input'], ['chars'], ({ input, chars }) => {
    if (isNullish(input) || chars === null) return null
    const set = new Set(chars === undefined ? ' \t\n\r\v\f\0\u00a0\u2000\u2028' : text(name, chars))
    const points = Array.from(text(name, input))
    while (left && points.length > 0 && set.has(points[0] as string)) points.shift()
    while (right && points.length > 0 && set.has(points[points.length - 1] as string)) points.pop()
    return points.join('')
  })
}

function indexOf(name: string, split: (value: string) => readonly unknown[]): ExpressionOperator {
  return computed(
    ([value, wanted, start = 0, end]) => {
      if (isNullish(value)) return null
      const source = split(text(name, value))
      const part = split(text(name, wanted))
      const last = end === undefined ? source.length : Math.min(source.length, whole(name, end))
      for (let at = whole(name, start); at + part.length <= last; at += 1) {
        if (part.every((item, offset) => source[at + offset] === item)) return at
      }
      return -1
    },
    2,
    4,
  )
}

function regexFor(args: Record<string, BsonValue | undefined>, flags = ''): RegExp | undefined {
  const pattern = patternOf(args['regex'] ?? undefined)
  if (!pattern) return undefined
  const options = typeof args['options'] === 'string' ? args['options'] : pattern[1]
  const compiled = compilePattern(pattern[0], options)
  return new RegExp(compiled.source, compiled.flags + flags)
}

function found(match: RegExpExecArray): BsonDocument {
  const idx = Array.from(match.input.slice(0, match.index)).length
  return {
    match: match[0],
    idx,
    captures: match.slice(1).map((capture: string | undefined) => capture ?? null),
  }
}

function regexOperator(
  run: (input: string, pattern: RegExp) => BsonValue,
  none: BsonValue,
): ExpressionOperator {
  return namedArguments(['input', 'regex'], ['options'], (args, { name }) => {
    const pattern = regexFor(args, 'g')
    if (isNullish(args['input']) || !pattern) return none
    return run(text(name, args['input']), pattern)
  })
}

function replacement(all: boolean): ExpressionOperator {
  return namedArguments(
    ['input', 'find', 'replacement'],
    [],
    ({ input, find, replacement: by }, { name }) => {
      if (isNullish(input) || isNullish(find) || isNullish(by)) return null
      const [source, wanted, other] = [text(name, input), text(name, find), text(name, by)]
      return all ? source.replaceAll(wanted, () => other) : source.replace(wanted, () => other)
    },
  )
}

/** Operators on text. */
export const STRING_OPERATORS: Record<string, ExpressionOperator> = {
  $concat: computed(concat, 0, Infinity),
  $toLower: folded('$toLower', (value) => value.toLowerCase()),
  $toUpper: folded('$toUpper', (value) => value.toUpperCase()),
  $strLenBytes: computed(([value]) => Buffer.byteLength(text('$strLenBytes', value)), 1),
  $strLenCP: computed(([value]) => Array.from(text('$strLenCP', value)).length, 1),
  $substr: computed(substringBytes, 3),
  $substrBytes: computed(substringBytes, 3),
  $substrCP: computed(substringPoints, 3),
  $trim: trim('$trim', true, true),
  $ltrim: trim('$ltrim', true, false),
  $rtrim: trim('$rtrim', false, true),
  $split: computed(([value, separator]) => {
    if (isNullish(value) || isNullish(separator)) return null
    if (separator === '') throw new ServerError(40087, '$split requires a non-empty separator')
    return text('$split', value).split(text('$split', separator))
  }, 2),
  $strcasecmp: computed(
    ([left, right]) =>
      Math.sign(
        compareText(
          textOf('$strcasecmp', left).toUpperCase(),
          textOf('$strcasecmp', right).toUpperCase(),
        ),
      ),
    2,
  ),
  $indexOfBytes: indexOf('$indexOfBytes', (value) => [...Buffer.from(value)]),
  $indexOfCP: indexOf('$indexOfCP', (value) => Array.from(value)),
  $replaceOne: replacement(false),
  $replaceAll: replacement(true),
  $regexMatch: regexOperator((input, pattern) => pattern.test(input), false),
  $regexFind: regexOperator((input, pattern) => {
    const match = pattern.exec(input)
    return match ? found(match) : null
  }, null),
  $regexFindAll: regexOperator((input, pattern) => [...input.matchAll(pattern)].map(found), []),
}
