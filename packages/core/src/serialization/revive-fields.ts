import type { FieldKind } from '../message/event-definition.ts'

/** A declared field does not hold what its kind is written as. */
export class FieldMismatch {
  constructor(
    readonly path: string,
    readonly kind: FieldKind,
    readonly found: unknown,
  ) {}
}

/**
 * Turns declared fields of a freshly decoded event back into dates and bigints, in place.
 *
 * @returns The first field that cannot be turned back; undefined where all can. Absent and null fields stay,
 *   and a path that ends early, at a scalar, names no field.
 */
export function reviveFields(
  target: object,
  fields: Readonly<Record<string, FieldKind>>,
): FieldMismatch | undefined {
  for (const [path, kind] of Object.entries(fields)) {
    const mismatch = reviveAt(target, path.replaceAll('[]', '.[]').split('.'), { path, kind })
    if (mismatch) return mismatch
  }
  return undefined
}

interface Field {
  readonly path: string
  readonly kind: FieldKind
}

function reviveAt(
  target: object,
  steps: readonly string[],
  field: Field,
): FieldMismatch | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return undefined
  const keys = step === '[]' && Array.isArray(target) ? Object.keys(target) : [step]
  const holder = target as Record<string, unknown>
  for (const key of keys) {
    const value = holder[key]
    if (value === undefined || value === null) continue
    if (rest.length > 0) {
      const mismatch = typeof value === 'object' ? reviveAt(value, rest, field) : undefined
      if (mismatch) return mismatch
      continue
    }
    const revived = revive(value, field.kind)
    if (revived === undefined) return new FieldMismatch(field.path, field.kind, value)
    holder[key] = revived
  }
  return undefined
}

function revive(value: unknown, kind: FieldKind): Date | bigint | undefined {
  if (typeof value !== 'string') return undefined
  if (kind === 'bigint') return /^-?\d+$/.test(value) ? BigInt(value) : undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}
