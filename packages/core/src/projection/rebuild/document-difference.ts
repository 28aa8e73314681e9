import { isDeepStrictEqual } from 'node:util'
import type { ReadModelDocument } from '../../read-model/read-model-definition.ts'

/** A document that is not what its events come to. */
export interface DocumentDifference {
  /** Name of the read model. */
  readonly model: string
  readonly id: string
  /** What readers see; undefined: nothing. */
  readonly found: ReadModelDocument | undefined
  /** What the log comes to; undefined: nothing. */
  readonly expected: ReadModelDocument | undefined
  /** Where they differ, dotted; empty where one of the two is not there. */
  readonly paths: readonly string[]
}

/** Tells where two documents differ; undefined: nowhere. */
export function differenceOf(
  name: { readonly model: string; readonly id: string },
  found: ReadModelDocument | undefined,
  expected: ReadModelDocument | undefined,
): DocumentDifference | undefined {
  if (isDeepStrictEqual(found, expected)) return undefined
  return { ...name, found, expected, paths: found && expected ? pathsOf(found, expected, '') : [] }
}

function pathsOf(one: object, other: object, within: string): readonly string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].sort().flatMap((key) => {
    const left = (one as Record<string, unknown>)[key]
    const right = (other as Record<string, unknown>)[key]
    if (isDeepStrictEqual(left, right)) return []
    const path = within === '' ? key : `${within}.${key}`
    return isPlain(left) && isPlain(right) ? pathsOf(left, right, path) : [path]
  })
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.getPrototypeOf(value) === Object.prototype
}
