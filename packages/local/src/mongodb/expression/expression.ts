import { fieldOf, isDocument, setField, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { SIMPLE_COLLATION, type Collation } from '../query/collation.ts'
import { isKnownOperator, operatorNamed } from './operator-table.ts'

/** Variables by name, without the dollars. */
export type Variables = Readonly<Record<string, BsonValue | undefined>>

/** What an expression is evaluated with. */
export interface Environment {
  readonly root: BsonDocument
  readonly current: BsonValue | undefined
  readonly variables: Variables
}

/** A compiled expression; `undefined` is a missing value. */
export type Expression = (environment: Environment) => BsonValue | undefined

/** What an expression is compiled with. */
export interface ExpressionOptions {
  readonly collation?: Collation
  /** Variables it may use; absent when they are only known once it is evaluated. */
  readonly variables?: Variables
}

/** The environment of a document. */
export function environmentOf(root: BsonDocument, variables: Variables = {}): Environment {
  return { root, current: root, variables }
}

/**
 * Compiles an expression.
 *
 * @throws {ServerError} An operator is unknown or has wrong arguments.
 */
export function compileExpression(source: BsonValue, options: ExpressionOptions = {}): Expression {
  if (typeof source === 'string')
    return source.startsWith('$') ? reference(source, options) : () => source
  if (Array.isArray(source)) {
    const items = source.map((item) => compileExpression(item, options))
    return (environment) => items.map((item) => item(environment) ?? null)
  }
  if (!isDocument(source)) return () => source
  const names = Object.keys(source)
  const [first] = names
  if (first?.startsWith('$')) {
    if (names.length !== 1) {
      throw new ServerError(
        15983,
        `An object representing an expression must have exactly one field, found ${names.length}`,
      )
    }
    return compileOperatorCall(first, source[first] as BsonValue, options)
  }
  const fields = names.map(
    (name) => [name, compileExpression(source[name] as BsonValue, options)] as const,
  )
  return (environment) => {
    const result: BsonDocument = {}
    for (const [name, field] of fields) {
      const value = field(environment)
      if (value !== undefined) setField(result, name, value)
    }
    return result
  }
}

function compileOperatorCall(
  name: string,
  operand: BsonValue,
  options: ExpressionOptions,
): Expression {
  const operator = operatorNamed(name)
  if (!operator) {
    if (isKnownOperator(name)) {
      throw new ServerError(
        'CommandNotSupported',
        `The expression ${name} is not supported by the development server`,
      )
    }
    throw new ServerError('InvalidPipelineOperator', `Unrecognized expression '${name}'`)
  }
  return operator(operand, {
    name,
    collation: options.collation ?? SIMPLE_COLLATION,
    compile: (source, introduced = []) =>
      compileExpression(source, introduced.length > 0 ? introducing(options, introduced) : options),
  })
}

/** The options inside of an operator that defines variables. */
function introducing(options: ExpressionOptions, names: readonly string[]): ExpressionOptions {
  if (!options.variables) return options
  const more = Object.fromEntries(names.map((name) => [name, null]))
  return { ...options, variables: { ...options.variables, ...more } }
}

/** What an operator is compiled with. */
export interface OperatorContext {
  readonly name: string
  readonly collation: Collation
  /** @param introduced Names of variables the operator defines for the expression. */
  readonly compile: (source: BsonValue, introduced?: readonly string[]) => Expression
}

/** Compiles a call of one operator. */
export type ExpressionOperator = (operand: BsonValue, context: OperatorContext) => Expression

function reference(text: string, options: ExpressionOptions): Expression {
  if (text === '$') throw new ServerError(16872, "'$' by itself is not a valid FieldPath")
  if (!text.startsWith('$$')) return fieldReference(text.slice(1).split('.'))
  const [name = '', ...path] = text.slice(2).split('.')
  if (name === 'REMOVE') return () => undefined
  if (name === 'ROOT') return (environment) => valueOnPath(environment.root, path, 0)
  if (name === 'CURRENT') return (environment) => valueOnPath(environment.current, path, 0)
  if (name === 'DESCEND' || name === 'PRUNE' || name === 'KEEP') return () => `$$${name}`
  const known = options.variables
  if (known && name !== 'NOW' && !Object.hasOwn(known, name)) throw undefinedVariable(name)
  return (environment) => {
    const { variables } = environment
    if (!Object.hasOwn(variables, name)) {
      if (name === 'NOW') return new Date()
      throw undefinedVariable(name)
    }
    return valueOnPath(variables[name], path, 0)
  }
}

function undefinedVariable(name: string): ServerError {
  return new ServerError(17276, `Use of undefined variable: ${name}`)
}

function fieldReference(path: string[]): Expression {
  if (path.includes(''))
    throw new ServerError(15998, 'FieldPath field names may not be empty strings.')
  const [only] = path
  if (path.length === 1 && only !== undefined) {
    return ({ current }) => (isDocument(current) ? fieldOf(current, only) : undefined)
  }
  return (environment) => valueOnPath(environment.current, path, 0)
}

/** The value on a path in expressions: arrays give the array of their elements' values. */
export function valueOnPath(
  node: BsonValue | undefined,
  path: readonly string[],
  depth: number,
): BsonValue | undefined {
  const name = path[depth]
  if (name === undefined) return node
  if (isDocument(node)) return valueOnPath(fieldOf(node, name), path, depth + 1)
  if (!Array.isArray(node)) return undefined
  return node
    .map((item) =>
      isDocument(item) || Array.isArray(item) ? valueOnPath(item, path, depth) : undefined,
    )
    .filter((value) => value !== undefined)
}
