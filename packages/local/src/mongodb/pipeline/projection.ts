import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { environmentOf } from '../expression/expression.ts'
import { exclude, include } from './apply-projection.ts'
import {
  positionalRule,
  ruleOf,
  type FieldRule,
  type ProjectionOptions,
  type RuleNode,
} from './field-rules.ts'

/** A compiled projection. */
export interface Projection {
  readonly project: (document: BsonDocument) => BsonDocument
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
