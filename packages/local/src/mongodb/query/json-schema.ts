import { plainText } from '../bson/print-value.ts'
import { typeNameOf } from '../bson/bson-type.ts'
import { compareNumbers } from '../bson/compare-numbers.ts'
import { equalValues } from '../bson/compare.ts'
import {
  fieldOf,
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { ValueTest } from './path-values.ts'
import { compilePattern } from './regular-expression.ts'
import { typeTest } from './type-test.ts'

type Keyword = (operand: BsonValue, schema: BsonDocument) => ValueTest

/**
 * Compiles a `$jsonSchema` document.
 *
 * @throws {ServerError} A keyword is unknown or not supported.
 */
export function jsonSchemaTest(operand: BsonValue): ValueTest {
  if (!isDocument(operand)) throw new ServerError('TypeMismatch', '$jsonSchema must be an object')
  const tests = Object.keys(operand).map((name) => {
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined
    if (!keyword) throw new ServerError('FailedToParse', `Unknown $jsonSchema keyword: ${name}`)
    return keyword(operand[name] as BsonValue, operand)
  })
  return (value) => tests.every((test) => test(value))
}

const always: Keyword = () => () => true

const KEYWORDS: Record<string, Keyword> = {
  title: always,
  description: always,
  bsonType: (operand) => typeTest(operand, '$jsonSchema'),
  type: (operand) => typeTest(jsonTypes(operand), '$jsonSchema'),
  enum: (operand) => {
    const allowed = listOf('enum', operand)
    return (value) => allowed.some((item) => equalValues(item, value))
  },
  required: (operand) => {
    const names = listOf('required', operand) as string[]
    return (value) => !isDocument(value) || names.every((name) => Object.hasOwn(value, name))
  },
  properties: (operand) => {
    const tests = schemasOf('properties', operand)
    return (value) =>
      !isDocument(value) ||
      tests.every(([name, test]) => !Object.hasOwn(value, name) || test(fieldOf(value, name)))
  },
  additionalProperties: (operand, schema) => additionalProperties(operand, schema),
  patternProperties: (operand) => {
    const tests = schemasOf('patternProperties', operand).map(
      ([pattern, test]) => [compilePattern(pattern, ''), test] as const,
    )
    return (value) =>
      !isDocument(value) ||
      Object.keys(value).every((name) =>
        tests.every(([pattern, test]) => !pattern.test(name) || test(value[name])),
      )
  },
  minimum: (operand, schema) =>
    limit(operand, (order) => (schema['exclusiveMinimum'] === true ? order > 0 : order >= 0)),
  maximum: (operand, schema) =>
    limit(operand, (order) => (schema['exclusiveMaximum'] === true ? order < 0 : order <= 0)),
  exclusiveMinimum: always,
  exclusiveMaximum: always,
  minLength: (operand) => textLength((length) => length >= count(operand)),
  maxLength: (operand) => textLength((length) => length <= count(operand)),
  pattern: (operand) => {
    const pattern = compilePattern(plainText(operand), '')
    return (value) => typeof value !== 'string' || pattern.test(value)
  },
  minItems: (operand) => (value) => !Array.isArray(value) || value.length >= count(operand),
  maxItems: (operand) => (value) => !Array.isArray(value) || value.length <= count(operand),
  uniqueItems: (operand) => (value) =>
    operand !== true ||
    !Array.isArray(value) ||
    value.every((item, at) => !value.slice(0, at).some((other) => equalValues(item, other))),
  items: (operand) => {
    const test = jsonSchemaTest(operand)
    return (value) => !Array.isArray(value) || value.every((item) => test(item))
  },
  minProperties: (operand) => (value) =>
    !isDocument(value) || Object.keys(value).length >= count(operand),
  maxProperties: (operand) => (value) =>
    !isDocument(value) || Object.keys(value).length <= count(operand),
  allOf: (operand) => {
    const tests = listOf('allOf', operand).map(jsonSchemaTest)
    return (value) => tests.every((test) => test(value))
  },
  anyOf: (operand) => {
    const tests = listOf('anyOf', operand).map(jsonSchemaTest)
    return (value) => tests.some((test) => test(value))
  },
  oneOf: (operand) => {
    const tests = listOf('oneOf', operand).map(jsonSchemaTest)
    return (value) => tests.filter((test) => test(value)).length === 1
  },
  not: (operand) => {
    const test = jsonSchemaTest(operand)
    return (value) => !test(value)
  },
}

function jsonTypes(operand: BsonValue): BsonValue {
  const names = Array.isArray(operand) ? operand : [operand]
  return names.map((name) => (name === 'boolean' ? 'bool' : name))
}

function additionalProperties(operand: BsonValue, schema: BsonDocument): ValueTest {
  const properties = schema['properties']
  const declared = isDocument(properties) ? properties : {}
  const patterns = Object.keys(
    isDocument(schema['patternProperties']) ? schema['patternProperties'] : {},
  ).map((pattern) => compilePattern(pattern, ''))
  const test = typeof operand === 'boolean' ? () => operand : jsonSchemaTest(operand)
  return (value) =>
    !isDocument(value) ||
    Object.keys(value).every(
      (name) =>
        Object.hasOwn(declared, name) ||
        patterns.some((pattern) => pattern.test(name)) ||
        test(value[name]),
    )
}

function limit(operand: BsonValue, holds: (order: number) => boolean): ValueTest {
  if (!isNumeric(operand))
    throw new ServerError('TypeMismatch', '$jsonSchema limit must be a number')
  return (value) => !isNumeric(value) || holds(compareNumbers(value, operand))
}

function textLength(holds: (length: number) => boolean): ValueTest {
  return (value) => typeNameOf(value) !== 'string' || holds(Array.from(value as string).length)
}

function count(operand: BsonValue): number {
  return isNumeric(operand) ? toNumber(operand) : NaN
}

function listOf(keyword: string, operand: BsonValue): BsonValue[] {
  if (Array.isArray(operand)) return operand
  throw new ServerError('TypeMismatch', `$jsonSchema keyword '${keyword}' must be an array`)
}

function schemasOf(keyword: string, operand: BsonValue): [string, ValueTest][] {
  if (!isDocument(operand)) {
    throw new ServerError('TypeMismatch', `$jsonSchema keyword '${keyword}' must be an object`)
  }
  return Object.keys(operand).map((name) => [name, jsonSchemaTest(operand[name] as BsonValue)])
}
