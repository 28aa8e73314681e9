import { BSONRegExp } from 'bson'
import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { isOperatorDocument } from '../query/operator-document.ts'
import { setValueAt, valueAt } from './document-path.ts'
import { cloneValue } from '../bson/value.ts'

/** The document an upsert begins with: the equalities of its query. */
export function documentFromQuery(query: BsonDocument): BsonDocument {
  const document: BsonDocument = {}
  collect(query, document)
  return document
}

/** The `_id` a query asks for by equality. */
export function idFromQuery(query: BsonDocument): BsonValue | undefined {
  return documentFromQuery(query)['_id']
}

function collect(query: BsonDocument, document: BsonDocument): void {
  for (const name of Object.keys(query)) {
    const operand = query[name] as BsonValue
    if (name === '$and' || (name === '$or' && Array.isArray(operand) && operand.length === 1)) {
      for (const branch of Array.isArray(operand) ? operand : []) {
        if (isDocument(branch)) collect(branch, document)
      }
    } else if (!name.startsWith('$')) {
      const value = equalityOf(operand)
      if (value !== undefined) put(document, name, value)
    }
  }
}

function put(document: BsonDocument, path: string, value: BsonValue): void {
  const parts = path.split('.')
  if (valueAt(document, parts) !== undefined) {
    throw new ServerError(
      'NotSingleValueField',
      `cannot infer query fields to set, path '${path}' is matched twice`,
    )
  }
  setValueAt(document, parts, cloneValue(value))
}

function equalityOf(operand: BsonValue): BsonValue | undefined {
  if (operand instanceof BSONRegExp) return undefined
  if (!isOperatorDocument(operand)) return operand
  if (operand['$eq'] !== undefined) return operand['$eq']
  const all = operand['$all'] ?? operand['$in']
  return Array.isArray(all) &&
    all.length === 1 &&
    !isOperatorDocument(all[0] ?? null) &&
    !(all[0] instanceof BSONRegExp)
    ? all[0]
    : undefined
}
