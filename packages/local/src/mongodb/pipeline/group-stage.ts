import { encodeKey } from '../bson/key-encoding.ts'
import {
  isDocument,
  isNumeric,
  setField,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, environmentOf, type Expression } from '../expression/expression.ts'
import {
  ACCUMULATORS,
  orderedAccumulator,
  type Accumulator,
  type AccumulatorFactory,
} from './accumulators.ts'
import type { StageOptions } from './document-stages.ts'
import type { StageStep } from './stage-table.ts'

interface GroupField {
  readonly name: string
  readonly factory: AccumulatorFactory
  readonly input: (document: BsonDocument) => BsonValue | undefined
}

/** The `$group` stage. */
export function groupStage(operand: BsonValue, options: StageOptions): StageStep {
  if (!isDocument(operand))
    throw new ServerError(15947, "a group's fields must be specified in an object")
  const { _id: idSource, ...rest } = operand
  if (idSource === undefined)
    throw new ServerError(15955, 'a group specification must include an _id')
  const id = compileExpression(idSource, options)
  const fields = Object.keys(rest).map((name) => groupField(name, rest[name] as BsonValue, options))
  return (documents) => grouped(documents, id, fields, options)
}

function* grouped(
  documents: Iterable<BsonDocument>,
  id: Expression,
  fields: readonly GroupField[],
  options: StageOptions,
): Generator<BsonDocument> {
  const groups = new Map<string, { id: BsonValue; accumulators: Accumulator[] }>()
  for (const document of documents) {
    const value = id(environmentOf(document, options.variables)) ?? null
    const key = encodeKey(value, options.collation.key).toString('latin1')
    let group = groups.get(key)
    if (!group) {
      group = { id: value, accumulators: fields.map((field) => field.factory(options.collation)) }
      groups.set(key, group)
    }
    for (const [at, field] of fields.entries()) group.accumulators[at]?.add(field.input(document))
  }
  for (const group of groups.values()) {
    const result: BsonDocument = { _id: group.id }
    for (const [at, field] of fields.entries()) {
      const value = group.accumulators[at]?.result()
      if (value !== undefined) setField(result, field.name, value)
    }
    yield result
  }
}

const ORDERED = new Set([
  '$top',
  '$topN',
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$maxN',
  '$minN',
])

function groupField(name: string, source: BsonValue, options: StageOptions): GroupField {
  if (name.includes('.'))
    throw new ServerError(40235, `The field name '${name}' cannot contain '.'`)
  const [operator, ...more] = isDocument(source) ? Object.keys(source) : []
  if (operator === undefined || more.length > 0 || !operator.startsWith('$')) {
    throw new ServerError(40234, `The field '${name}' must be an accumulator object`)
  }
  const operand = (source as BsonDocument)[operator] as BsonValue
  if (operator === '$count') {
    return { name, factory: ACCUMULATORS['$sum'] as AccumulatorFactory, input: () => 1 }
  }
  if (ORDERED.has(operator)) return orderedField(name, operator, operand, options)
  const factory = Object.hasOwn(ACCUMULATORS, operator) ? ACCUMULATORS[operator] : undefined
  if (!factory) {
    if (operator === '$accumulator' || operator === '$median' || operator === '$percentile') {
      throw new ServerError(
        'CommandNotSupported',
        `The accumulator ${operator} is not supported by the development server`,
      )
    }
    throw new ServerError(15952, `unknown group operator '${operator}'`)
  }
  const input = compileExpression(operand, options)
  return { name, factory, input: (document) => input(environmentOf(document, options.variables)) }
}

function orderedField(
  name: string,
  operator: string,
  operand: BsonValue,
  options: StageOptions,
): GroupField {
  if (!isDocument(operand))
    throw new ServerError(5787900, `specification must be an object; found ${operator}`)
  const value = compileExpression(operand['output'] ?? operand['input'] ?? null, options)
  const { n, sortBy } = operand
  const count = operator.endsWith('N') ? (isNumeric(n) ? toNumber(n) : NaN) : 1
  if (!Number.isInteger(count) || count < 1)
    throw new ServerError(5787908, `'n' must be greater than 0 and a constant for ${operator}`)
  return {
    name,
    factory: orderedAccumulator(operator, count, isDocument(sortBy) ? sortBy : undefined),
    input: (document) => ({
      key: document,
      value: value(environmentOf(document, options.variables)) ?? null,
    }),
  }
}
