import { fieldOf, isDocument, setField, type BsonDocument, type BsonValue } from '../bson/value.ts'
import type { Environment } from '../expression/expression.ts'
import type { RuleNode } from './field-rules.ts'

/** Keeps the fields that have rules. */
export function include(
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

/** Keeps the fields that have no rules. */
export function exclude(
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
