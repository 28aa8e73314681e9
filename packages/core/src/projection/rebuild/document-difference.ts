import { isDeepStrictEqual } from 'node:util'
import type { ReadModelDocument } from '../../read-model/read-model-definition.ts'
import type { StoredVersion } from '../../read-model/read-model-store.ts'

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
  /** The version it is about; undefined: the document as it is now. */
  readonly version?: VersionDifference
}

/** When a version is valid: for positions up to `to`, and for dates in `[fromAt, toAt)`. Without an end it still is. */
export type VersionValidity = Pick<StoredVersion, 'to' | 'fromAt' | 'toAt'>

/** Which version of a document differs, and when it is valid. */
export interface VersionDifference {
  /** Position of the event that made it. */
  readonly from: bigint
  /** What readers see; undefined: there is no such version. */
  readonly found: VersionValidity | undefined
  /** What the log comes to; undefined: there is no such version. */
  readonly expected: VersionValidity | undefined
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

/** Tells where two versions differ, in their documents or in their validity; undefined: nowhere. */
export function versionDifferenceOf(
  model: string,
  found: StoredVersion | undefined,
  expected: StoredVersion | undefined,
): DocumentDifference | undefined {
  const one = found ?? expected
  if (!one || isDeepStrictEqual(found, expected)) return undefined
  const { id, from } = one
  const [left, right] = [found?.document, expected?.document]
  return {
    model,
    id,
    found: left,
    expected: right,
    paths: left && right ? pathsOf(left, right, '') : [],
    version: { from, found: validityOf(found), expected: validityOf(expected) },
  }
}

function validityOf(version: StoredVersion | undefined): VersionValidity | undefined {
  return version && { to: version.to, fromAt: version.fromAt, toAt: version.toAt }
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
