import { plainText } from '../bson/print-value.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import {
  fieldOf,
  isDocument,
  isNumeric,
  setField,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import {
  compileExpression,
  environmentOf,
  type Expression,
  type Variables,
} from '../expression/expression.ts'
import type { Collation } from '../query/collation.ts'
import { compileProjection } from './projection.ts'

/** Makes one document of another. */
export type DocumentStep = (document: BsonDocument) => BsonDocument

/** What stages are compiled with. */
export interface StageOptions {
  readonly collation: Collation
  readonly variables: Variables
}

/** Compiles a stage that turns every document into exactly one other. */
export function compileDocumentStage(
  name: string,
  operand: BsonValue,
  options: StageOptions,
): DocumentStep {
  switch (name) {
    case '$set':
    case '$addFields':
      return addFields(name, operand, options)
    case '$unset':
      return unset(operand, options)
    case '$project':
      if (!isDocument(operand))
        throw new ServerError(15969, '$project specification must be an object')
      return compileProjection(operand, { ...options, stage: true }).project
    case '$replaceWith':
      return replaceRoot(operand, options)
    case '$replaceRoot':
      if (!isDocument(operand) || operand['newRoot'] === undefined) {
        throw new ServerError(40231, 'no newRoot specified for the $replaceRoot stage')
      }
      return replaceRoot(operand['newRoot'], options)
    default:
      throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`)
  }
}

function replaceRoot(source: BsonValue, options: StageOptions): DocumentStep {
  const expression = compileExpression(source, options)
  return (document) => {
    const root = expression(environmentOf(document, options.variables))
    if (isDocument(root)) return root
    throw new ServerError(
      40228,
      `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeNameOf(root)}`,
    )
  }
}

function unset(operand: BsonValue, options: StageOptions): DocumentStep {
  const names = Array.isArray(operand) ? operand : [operand]
  if (names.length === 0 || !names.every((name) => typeof name === 'string')) {
    throw new ServerError(
      31002,
      '$unset specification must be a string or an array with at least one string',
    )
  }
  const spec = Object.fromEntries(names.map((name) => [name, 0]))
  return compileProjection(spec, { ...options, stage: true }).project
}

interface Addition {
  readonly children: Map<string, Addition>
  expression?: Expression
}

function addFields(name: string, operand: BsonValue, options: StageOptions): DocumentStep {
  if (!isDocument(operand))
    throw new ServerError(
      40272,
      `${name} specification stage must be an object, got ${typeNameOf(operand)}`,
    )
  const tree: Addition = { children: new Map() }
  for (const path of Object.keys(operand))
    plant(tree, path.split('.'), operand[path] as BsonValue, options)
  return (document) => {
    const environment = environmentOf(document, options.variables)
    return applyAdditions(document, tree, (expression) => expression(environment)) as BsonDocument
  }
}

function plant(
  tree: Addition,
  path: readonly string[],
  source: BsonValue,
  options: StageOptions,
): void {
  let node = tree
  for (const name of path) {
    if (name.startsWith('$'))
      throw new ServerError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      )
    const next = node.children.get(name) ?? { children: new Map<string, Addition>() }
    node.children.set(name, next)
    node = next
  }
  const nested =
    isDocument(source) && Object.keys(source).length > 0 && !Object.keys(source)[0]?.startsWith('$')
  if (!nested) node.expression = compileExpression(source, options)
  else
    for (const name of Object.keys(source))
      plant(node, name.split('.'), source[name] as BsonValue, options)
}

function applyAdditions(
  value: BsonValue | undefined,
  node: Addition,
  evaluate: (expression: Expression) => BsonValue | undefined,
): BsonValue | undefined {
  if (node.expression) return evaluate(node.expression)
  if (Array.isArray(value)) return value.map((item) => applyAdditions(item, node, evaluate) ?? null)
  const result: BsonDocument = isDocument(value) ? { ...value } : {}
  for (const [name, child] of node.children) {
    const added = applyAdditions(fieldOf(result, name), child, evaluate)
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- documents are plain records
    if (added === undefined) delete result[name]
    else setField(result, name, added)
  }
  return result
}

/** A whole number a stage such as `$limit` takes. */
export function wholeNumber(name: string, operand: BsonValue, least: number): number {
  const value = isNumeric(operand) ? toNumber(operand) : NaN
  if (Number.isInteger(value) && value >= least) return value
  throw new ServerError(
    name === '$limit' ? 15958 : 5107200,
    `invalid argument to ${name} stage: Expected a ${least === 0 ? 'non-negative' : 'positive'} number in: ${name}: ${plainText(operand)}`,
  )
}
