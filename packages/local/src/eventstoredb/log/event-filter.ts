import { GrpcError, GrpcStatus } from '../grpc/grpc-status.ts'
import type { FilterOptions } from '../wire/read-request.ts'

/** Whether a name, an event type or that of a stream, passes. */
export type NameFilter = (name: string) => boolean

/**
 * Makes the test that a filter stands for.
 *
 * Regular expressions are those of .NET to a server; inline flags at the start and the anchors `\A`, `\Z`
 * and `\z` are translated, the rest is the same in JavaScript.
 *
 * @throws {GrpcError} The expression is not one.
 */
export function nameFilter({ regex, prefixes }: FilterOptions): NameFilter {
  if (regex !== '') {
    const expression = toRegExp(regex)
    return (name) => expression.test(name)
  }
  return (name) => prefixes.some((prefix) => name.startsWith(prefix))
}

function toRegExp(regex: string): RegExp {
  const [, inline = '', source = ''] = /^(?:\(\?([imsn]+)\))?([^]*)$/.exec(regex) ?? []
  const flags = [...new Set(inline)].filter((flag) => flag !== 'n').join('')
  const translated = source.replace(/\\([^])/g, (escape, character: string) => {
    if (character === 'A') return '(?<![^])'
    if (character === 'z') return '(?![^])'
    return character === 'Z' ? '(?=\\n?(?![^]))' : escape
  })
  try {
    return new RegExp(translated, flags)
  } catch (cause) {
    throw new GrpcError(
      GrpcStatus.unknown,
      `The filter expression "${regex}" is not a regular expression.`,
      {},
      { cause },
    )
  }
}
