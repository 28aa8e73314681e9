import {
  fieldOf,
  isDocument,
  isFalsy,
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
  type Environment,
  type Expression,
  type Variables,
} from '../expression/expression.ts'
import type { Collation } from '../query/collation.ts'
import { compileFilter, type Filter } from '../query/filter.ts'

/** What a projection is compiled with. */
export interface ProjectionOptions {
  readonly collation: Collation
  readonly variables: Variables
  /** True for `$project`, which has no `$slice`, `$elemMatch` and positional `$` of `find`. */
  readonly stage?: boolean
  /** The query, for the positional `$`. */
  readonly filter?: Filter
}

/** A compiled projection. */
export interface Projection {
  readonly project: (document: BsonDocument) => BsonDocument
}

type FieldRule =
  | { readonly kind: 'include' | 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  | {
      readonly kind: 'array'
      readonly pick: (value: BsonValue | undefined, root: BsonDocument) => BsonValue | undefined
    }

interface RuleNode {
  readonly children: Map<string, RuleNode>
  rule?: FieldRule
}

/**
 * Compiles a projection of `find` or `$project`.
 *
 * @throws {ServerError} Inclusion and exclusion are mixed, paths collide or an operator is unknown.
 */
export function compileProjection(spec: BsonDocument, options: ProjectionOptions): Projection {
  const tree: RuleNode = { children: new Map() }
  const kinds: { path: string; kind: FieldRule['kind'] }[] = []
  addRules(tree, spec, [], options, kinds)
  if (options.stage && Object.keys(spec).length === 0) {
    throw new ServerError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  }
  const including = isInclusion(kinds)
  assertOneKind(kinds, including)
  const id = tree.children.get('_id')
  if (including && !id) tree.children.set('_id', { children: new Map(), rule: { kind: 'include' } })
  return {
    project: (document) => {
      const environment = environmentOf(document, options.variables)
      return including
        ? (include(document, tree, environment, document) as BsonDocument)
        : (exclude(document, tree, document, environment) as BsonDocument)
    },
  }
}

function isInclusion(kinds: readonly { path: string; kind: FieldRule['kind'] }[]): boolean {
  const decisive = kinds.find(
    ({ path, kind }) => path !== '_id' && (kind === 'include' || kind === 'exclude'),
  )
  if (decisive) return decisive.kind === 'include'
  if (kinds.some(({ kind }) => kind === 'compute')) return true
  const id = kinds.find(({ path }) => path === '_id')
  return id?.kind === 'include'
}

function assertOneKind(
  kinds: readonly { path: string; kind: FieldRule['kind'] }[],
  including: boolean,
): void {
  for (const { path, kind } of kinds) {
    if (path === '_id') continue
    if (including && kind === 'exclude') {
      throw new ServerError(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
    }
    if (!including && kind === 'include') {
      throw new ServerError(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
    }
    if (!including && kind === 'compute') {
      throw new ServerError(
        31252,
        `Cannot use an expression for field ${path} in an exclusion projection`,
      )
    }
  }
}

function addRules(
  tree: RuleNode,
  spec: BsonDocument,
  prefix: readonly string[],
  options: ProjectionOptions,
  kinds: { path: string; kind: FieldRule['kind'] }[],
): void {
  for (const name of Object.keys(spec)) {
    const operand = spec[name] as BsonValue
    const positional = name.endsWith('.$') && !options.stage
    const path = [...prefix, ...(positional ? name.slice(0, -2) : name).split('.')]
    const nested =
      isDocument(operand) &&
      Object.keys(operand).length > 0 &&
      !Object.keys(operand)[0]?.startsWith('$')
    if (nested) {
      addRules(tree, operand, path, options, kinds)
      continue
    }
    const rule = positional ? positionalRule(path, options) : ruleOf(operand, options)
    const selects = positional || (isDocument(operand) && '$elemMatch' in operand)
    kinds.push({ path: path.join('.'), kind: selects ? 'include' : rule.kind })
    plant(tree, path, rule)
  }
}

function plant(tree: RuleNode, path: readonly string[], rule: FieldRule): void {
  let node = tree
  for (const name of path) {
    if (name === '') throw new ServerError(40353, "FieldPath must not end with a '.'.")
    if (node.rule) throw new ServerError(31249, `Path collision at ${path.join('.')}`)
    const next = node.children.get(name) ?? { children: new Map<string, RuleNode>() }
    node.children.set(name, next)
    node = next
  }
  if (node.rule || node.children.size > 0)
    throw new ServerError(31250, `Path collision at ${path.join('.')}`)
  node.rule = rule
}

function ruleOf(operand: BsonValue, options: ProjectionOptions): FieldRule {
  if (typeof operand === 'boolean' || isNumeric(operand)) {
    return { kind: isFalsy(operand) ? 'exclude' : 'include' }
  }
  if (isDocument(operand) && !options.stage) {
    if ('$slice' in operand && !isExpressionSlice(operand['$slice']))
      return sliceRule(operand['$slice'] as BsonValue)
    if ('$elemMatch' in operand) return elementRule(operand['$elemMatch'] as BsonValue, options)
    if ('$meta' in operand)
      throw new ServerError(
        'CommandNotSupported',
        '$meta projections are not supported by the development server',
      )
  }
  return { kind: 'compute', expression: compileExpression(operand, options) }
}

function isExpressionSlice(operand: BsonValue | undefined): boolean {
  return Array.isArray(operand) && (operand.length === 3 || !isNumeric(operand[0]))
}

function sliceRule(operand: BsonValue): FieldRule {
  const [first, second] = Array.isArray(operand) ? operand : [operand]
  if (!isNumeric(first) || (second !== undefined && !isNumeric(second))) {
    throw new ServerError(
      28667,
      'Invalid $slice syntax. The given syntax did not match the find() syntax',
    )
  }
  const start = toNumber(first)
  const count = second === undefined ? undefined : toNumber(second)
  return {
    kind: 'array',
    pick: (value) => {
      if (!Array.isArray(value)) return value
      if (count === undefined) return start >= 0 ? value.slice(0, start) : value.slice(start)
      const from = start >= 0 ? start : Math.max(0, value.length + start)
      return value.slice(from, from + count)
    },
  }
}

function elementRule(operand: BsonValue, options: ProjectionOptions): FieldRule {
  const filter = compileFilter({ value: { $elemMatch: operand } }, options)
  const pick = (value: BsonValue | undefined) => {
    if (!Array.isArray(value)) return undefined
    const found = value.find((item) => filter.matches({ value: [item] }))
    return found === undefined ? undefined : [found]
  }
  return { kind: 'array', pick }
}

function positionalRule(path: readonly string[], options: ProjectionOptions): FieldRule {
  const pick = (value: BsonValue | undefined, root: BsonDocument) => {
    if (!Array.isArray(value)) return value
    const index = options.filter?.matchedElement(root)
    if (index === undefined) {
      throw new ServerError(
        51246,
        `Executor error during find command :: caused by :: positional operator '${path.join('.')}.$' couldn't find a matching element in the array`,
      )
    }
    const element = value[index]
    return element === undefined ? [] : [element]
  }
  return { kind: 'array', pick }
}

function include(
  value: BsonValue,
  node: RuleNode,
  environment: Environment,
  root: BsonDocument,
): BsonValue | undefined {
  if (Array.isArray(value)) {
    return value
      .map((item) => include(item, node, environment, root))
      .filter((item) => item !== undefined)
  }
  const source = isDocument(value) ? value : undefined
  const result: BsonDocument = {}
  for (const name of Object.keys(source ?? {})) {
    const child = node.children.get(name)
    if (!child || child.rule?.kind === 'compute') continue
    const kept = includeField(fieldOf(source ?? {}, name), child, environment, root)
    if (kept !== undefined) setField(result, name, kept)
  }
  for (const [name, child] of node.children) computeInto(result, name, child, environment, source)
  return source || Object.keys(result).length > 0 ? result : undefined
}

function includeField(
  value: BsonValue | undefined,
  child: RuleNode,
  environment: Environment,
  root: BsonDocument,
): BsonValue | undefined {
  if (value === undefined || child.rule?.kind === 'exclude') return undefined
  if (child.rule?.kind === 'include') return value
  if (child.rule?.kind === 'array') return child.rule.pick(value, root)
  return isDocument(value) || Array.isArray(value)
    ? include(value, child, environment, root)
    : undefined
}

function computeInto(
  result: BsonDocument,
  name: string,
  child: RuleNode,
  environment: Environment,
  source: BsonDocument | undefined,
): void {
  if (child.rule?.kind === 'compute') {
    const value = child.rule.expression(environment)
    if (value !== undefined) setField(result, name, value)
  } else if (!child.rule && !Object.hasOwn(source ?? {}, name) && hasComputed(child)) {
    const nested: BsonDocument = {}
    for (const [inner, node] of child.children)
      computeInto(nested, inner, node, environment, undefined)
    setField(result, name, nested)
  }
}

function hasComputed(node: RuleNode): boolean {
  return node.rule?.kind === 'compute' || [...node.children.values()].some(hasComputed)
}

function exclude(
  value: BsonValue,
  node: RuleNode,
  root: BsonDocument,
  environment: Environment,
): BsonValue {
  if (Array.isArray(value)) return value.map((item) => exclude(item, node, root, environment))
  if (!isDocument(value)) return value
  const result: BsonDocument = {}
  for (const name of Object.keys(value)) {
    const child = node.children.get(name)
    const current = value[name] as BsonValue
    const kept = child ? excludeField(current, child, root, environment) : current
    if (kept !== undefined) setField(result, name, kept)
  }
  return result
}

function excludeField(
  value: BsonValue,
  child: RuleNode,
  root: BsonDocument,
  environment: Environment,
): BsonValue | undefined {
  switch (child.rule?.kind) {
    case 'exclude':
      return undefined
    case 'include':
      return value
    case 'array':
      return child.rule.pick(value, root)
    case 'compute':
      return child.rule.expression(environment)
    default:
      return exclude(value, child, root, environment)
  }
}
