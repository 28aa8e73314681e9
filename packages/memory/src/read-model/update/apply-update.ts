import { type DocumentUpdate, type ReadModelDocument, UpdateRefusedError } from '@varve/core'
import { arrayOperators } from './array-operators.ts'
import { expandPath } from './document-path.ts'
import { fieldOperators, type UpdateMoment } from './field-operators.ts'

/**
 * Applies a checked update as MongoDB would.
 *
 * @param before The document, which is changed; undefined: the update makes it.
 * @throws {UpdateRefusedError} It does not fit what the document holds. The document is spoilt.
 */
export function applyUpdate(
  { model, id, update }: DocumentUpdate,
  before: ReadModelDocument | undefined,
  now: Date,
): ReadModelDocument {
  const document = before ?? { _id: id }
  const moment = { isNew: before === undefined, now }
  for (const [operator, fields] of Object.entries(update))
    for (const [path, operand] of Object.entries(fields as Record<string, unknown>)) {
      const reason = applyField(document, operator, path.split('.'), operand, moment)
      if (reason !== undefined) throw new UpdateRefusedError(model.name, id, reason)
    }
  return document
}

function applyField(
  document: object,
  operator: string,
  path: readonly string[],
  operand: unknown,
  moment: UpdateMoment,
): string | undefined {
  const apply = fieldOperators[operator] ?? arrayOperators[operator]
  if (!apply) return `"${operator}" is not known in memory; fold instead`
  const fields = expandPath(document, path)
  if (!fields) return `"${path.join('.')}" names the elements of something that is no array`
  for (const field of fields) {
    const reason = apply(document, field, operand, moment)
    if (reason !== undefined) return reason
  }
  return undefined
}
