import { BSONRegExp } from 'bson'
import type { BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/**
 * Compiles a pattern of the server.
 *
 * @throws {ServerError} The pattern or a flag is invalid.
 */
export function compilePattern(pattern: string, options: string): RegExp {
  const inline = /^\(\?([imsx]+)\)/.exec(pattern)
  let source = inline ? pattern.slice(inline[0].length) : pattern
  const flags = new Set((options + (inline?.[1] ?? '')).split(''))
  for (const flag of flags) {
    if (!'imsxu'.includes(flag)) {
      throw new ServerError(51108, `invalid flag in regex options: ${flag}`)
    }
  }
  if (flags.delete('x')) source = withoutComments(source)
  flags.delete('u')
  source = source.replaceAll('\\A', '^').replaceAll('\\z', '$').replaceAll('\\Z', '$')
  return build(source, [...flags].join(''))
}

function build(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`)
  } catch {
    // Escapes of plain characters, such as `\-`, are errors in unicode mode only.
    try {
      return new RegExp(source, flags)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new ServerError(51091, `Regular expression is invalid: ${reason}`)
    }
  }
}

function withoutComments(source: string): string {
  return source.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#[^\n]*/g, (part) =>
    /^[\s#]/.test(part) ? '' : part,
  )
}

/** Pattern and options of a regular expression given as a value of either form. */
export function patternOf(value: BsonValue | undefined): [string, string] | undefined {
  if (value instanceof BSONRegExp) return [value.pattern, value.options]
  return typeof value === 'string' ? [value, ''] : undefined
}
