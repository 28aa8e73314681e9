import { BSONRegExp } from 'bson'
import { fieldOf, isDocument, isFalsy, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, environmentOf } from '../expression/expression.ts'
import type { Filter } from './filter.ts'
import { jsonSchemaTest } from './json-schema.ts'
import type { MatchContext, MatchNode, ValueCondition } from './match-node.ts'
import { anyValueAt, matchedElementAt } from './path-values.ts'
import { isOperatorDocument, withOptions } from './operator-document.ts'
import { compileOperator } from './value-operators.ts'

/** Compiles each field and operator of a filter document. */
export function compileDocument(
  source: BsonDocument,
  context: MatchContext,
): { readonly nodes: readonly MatchNode[] } {
  const nodes: MatchNode[] = []
  for (const name of Object.keys(source)) {
    const operand = source[name] as BsonValue
    if (name.startsWith('$')) nodes.push(...topLevel(name, operand, context))
    else nodes.push(...fieldConditions(name, operand, context))
  }
  return { nodes }
}

/** Compiles the conditions on one path: an operator document, a regular expression or a value. */
export function fieldConditions(
  path: string,
  operand: BsonValue,
  context: MatchContext,
): MatchNode[] {
  if (operand instanceof BSONRegExp) return [pathNode(path, '$regex', operand, context)]
  if (!isOperatorDocument(operand)) return [pathNode(path, '$eq', operand, context)]
  return Object.keys(operand).flatMap((operator) => {
    if (operator === '$options' && '$regex' in operand) return []
    if (operator === '$comment') return []
    return [pathNode(path, operator, withOptions(operator, operand), context)]
  })
}

function pathNode(
  path: string,
  operator: string,
  operand: BsonValue,
  context: MatchContext,
): MatchNode {
  const condition = compileOperator(operator, operand, context)
  const parts = path.split('.')
  const [only] = parts
  const found = (document: BsonDocument) =>
    anyValueAt(document, parts, condition.test, condition.leafElements)
  const plainField = parts.length === 1 && only !== undefined
  const quick = (document: BsonDocument) => {
    const value = plainField ? fieldOf(document, only) : undefined
    return !plainField || Array.isArray(value) ? found(document) : condition.test(value)
  }
  return {
    matches: condition.negated ? (document) => !quick(document) : quick,
    ...(condition.negated ? {} : { matchedElement: elementFinder(parts, condition) }),
    conjuncts: conjunctsOf(path, operator, operand, condition),
    plain: !condition.negated,
  }
}

function conjunctsOf(
  path: string,
  operator: string,
  operand: BsonValue,
  condition: ValueCondition,
) {
  const nested = (condition.nested ?? []).map((inner) => ({
    ...inner,
    path: inner.path === '' ? path : `${path}.${inner.path}`,
  }))
  return [{ path, operator, operand }, ...nested]
}

function elementFinder(path: readonly string[], condition: ValueCondition) {
  return (document: BsonDocument): number | undefined => {
    const { elementIndex } = condition
    if (!elementIndex) return matchedElementAt(document, path, condition.test)
    let found: number | undefined
    anyValueAt(document, path, (value) => (found = elementIndex(value)) !== undefined, false)
    return found
  }
}

function topLevel(name: string, operand: BsonValue, context: MatchContext): MatchNode[] {
  switch (name) {
    case '$and':
      return branchesOf(name, operand, context).map(asNode)
    case '$or':
      return [orNode(branchesOf(name, operand, context))]
    case '$nor': {
      const branches = branchesOf(name, operand, context)
      const matches = (document: BsonDocument) =>
        !branches.some((branch) => branch.matches(document))
      return [{ matches, conjuncts: [] }]
    }
    case '$expr':
      return [expressionNode(operand, context)]
    case '$jsonSchema': {
      const test = jsonSchemaTest(operand)
      return [{ matches: (document) => test(document), conjuncts: [] }]
    }
    case '$comment':
      return []
    case '$alwaysTrue':
      return [{ matches: () => true, conjuncts: [] }]
    case '$alwaysFalse':
      return [{ matches: () => false, conjuncts: [] }]
    case '$sampleRate':
      return [{ matches: () => Math.random() < Number(operand), conjuncts: [] }]
    case '$where':
    case '$text':
      throw new ServerError(
        'CommandNotSupported',
        `${name} is not supported by the development server`,
      )
    default:
      throw new ServerError(
        'BadValue',
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      )
  }
}

function branchesOf(name: string, operand: BsonValue, context: MatchContext): Filter[] {
  if (!Array.isArray(operand)) throw new ServerError('BadValue', `${name} must be an array`)
  if (operand.length === 0) {
    throw new ServerError('BadValue', '$and/$or/$nor must be a nonempty array')
  }
  return operand.map((branch) => {
    if (!isDocument(branch)) {
      throw new ServerError('BadValue', '$or/$and/$nor entries need to be full objects')
    }
    return context.compileFilter(branch, context)
  })
}

function asNode(branch: Filter): MatchNode {
  return {
    matches: branch.matches,
    matchedElement: branch.matchedElement,
    conjuncts: branch.conjuncts,
    alternatives: branch.alternatives,
    plain: branch.plain,
  }
}

function orNode(branches: Filter[]): MatchNode {
  const [only] = branches
  if (branches.length === 1 && only) return asNode(only)
  return {
    matches: (document) => branches.some((branch) => branch.matches(document)),
    conjuncts: [],
    alternatives: [branches],
  }
}

function expressionNode(operand: BsonValue, context: MatchContext): MatchNode {
  const expression = compileExpression(operand, context)
  return {
    matches: (document) => !isFalsy(expression(environmentOf(document, context.variables))),
    conjuncts: [],
  }
}
