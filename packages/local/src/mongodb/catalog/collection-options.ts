import { plainText, printDocument } from '../bson/print-value.ts'
import {
  isDocument,
  isNumeric,
  toNumber,
  type BsonDocument,
  type BsonValue,
} from '../bson/value.ts'
import { assertFields, type FieldSpecs } from '../commands/command-fields.ts'
import { ServerError } from '../errors/server-error.ts'
import { sameKeyPattern } from '../index/key-pattern.ts'

/** Options `create` keeps with a collection. */
export const CREATE_FIELDS = {
  capped: 'boolean',
  size: 'number',
  max: 'number',
  viewOn: 'string',
  pipeline: 'array',
  collation: 'object',
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  changeStreamPreAndPostImages: 'object',
  storageEngine: 'object',
  indexOptionDefaults: 'object',
  expireAfterSeconds: 'any',
  timeseries: 'object',
  clusteredIndex: 'any',
  encryptedFields: 'object',
} as const

const TIMESERIES: FieldSpecs = {
  fields: {
    timeField: 'string',
    metaField: 'string',
    granularity: 'string',
    bucketMaxSpanSeconds: 'number',
    bucketRoundingSeconds: 'number',
  },
  required: ['timeField'],
}
const CLUSTERED: FieldSpecs = {
  fields: { v: 'number', key: 'object', name: 'string', unique: 'boolean' },
  required: ['key', 'unique'],
}
const GRANULARITIES = ['seconds', 'minutes', 'hours']
const LEVELS = ['off', 'strict', 'moderate']
const ACTIONS = ['error', 'warn', 'errorAndLog']

/**
 * The options a `create` gives its collection, checked and complete.
 *
 * @throws {ServerError} An option is wrong, not supported, or does not go with another.
 */
export function collectionOptions(body: BsonDocument): BsonDocument {
  const given = Object.keys(CREATE_FIELDS).filter(
    (name) => (body[name] ?? null) !== null && body[name] !== false,
  )
  const options: BsonDocument = Object.fromEntries(given.map((name) => [name, body[name]]))
  if (options['encryptedFields'] !== undefined) {
    throw new ServerError(
      'CommandNotSupported',
      "Collections with 'encryptedFields' are not supported by the development server",
    )
  }
  assertValidation(options)
  assertView(options)
  if (options['capped'] === true) assertCapped(options)
  else if (options['size'] !== undefined || options['max'] !== undefined)
    throw invalid("the 'size' and 'max' fields need 'capped' to be true")
  if (isDocument(options['timeseries']))
    options['timeseries'] = completeTimeseries(options['timeseries'], options)
  if (options['clusteredIndex'] !== undefined)
    options['clusteredIndex'] = completeClustered(options['clusteredIndex'], options)
  assertExpiry(options)
  return options
}

function invalid(message: string): ServerError {
  return new ServerError('InvalidOptions', message)
}

/**
 * Checks `validationLevel` and `validationAction`.
 *
 * @throws {ServerError} One of them is none of the known values.
 */
export function assertValidation(options: BsonDocument): void {
  const checks = [
    ['validationLevel', LEVELS],
    ['validationAction', ACTIONS],
  ] as const
  for (const [name, allowed] of checks) {
    const value = options[name]
    if (value === undefined || (typeof value === 'string' && allowed.includes(value))) continue
    throw new ServerError(
      'BadValue',
      `Enumeration value '${plainText(value)}' for field 'create.${name}' is not a valid value.`,
    )
  }
}

function assertView(options: BsonDocument): void {
  if (options['pipeline'] !== undefined && options['viewOn'] === undefined)
    throw invalid("'pipeline' requires 'viewOn' to also be specified")
  if (options['viewOn'] === undefined) return
  const others = Object.keys(options).filter(
    (name) => !['viewOn', 'pipeline', 'collation'].includes(name),
  )
  if (others.length > 0) throw invalid(`'viewOn' cannot be specified with '${others[0] ?? ''}'`)
}

function assertCapped({ size }: BsonDocument): void {
  if (size === undefined) throw invalid("the 'size' field is required when 'capped' is true")
  if (isNumeric(size) && toNumber(size) >= 1) return
  throw new ServerError(
    51024,
    `BSON field 'size' value must be >= 1, actual value '${plainText(size)}'`,
  )
}

function completeTimeseries(timeseries: BsonDocument, options: BsonDocument): BsonDocument {
  assertFields('create.timeseries', TIMESERIES, timeseries)
  for (const other of [
    'capped',
    'viewOn',
    'clusteredIndex',
    'validator',
    'changeStreamPreAndPostImages',
  ]) {
    if (options[other] !== undefined)
      throw invalid(`time-series collections cannot be created with '${other}'`)
  }
  const { timeField, metaField, granularity, bucketMaxSpanSeconds, bucketRoundingSeconds } =
    timeseries
  if (metaField === '_id') throw invalid('The metaField field cannot be "_id"')
  if (metaField !== undefined && metaField === timeField)
    throw invalid('The metaField field cannot be the same as the timeField field')
  if (granularity !== undefined && !GRANULARITIES.includes(plainText(granularity))) {
    throw new ServerError(
      'BadValue',
      `Enumeration value '${plainText(granularity)}' for field 'create.timeseries.granularity' is not a valid value.`,
    )
  }
  if ((bucketMaxSpanSeconds === undefined) !== (bucketRoundingSeconds === undefined))
    throw invalid(
      'Timeseries bucketMaxSpanSeconds and bucketRoundingSeconds need to be set together',
    )
  if (bucketMaxSpanSeconds !== undefined) return timeseries
  const span = { seconds: 3600, minutes: 86_400, hours: 2_592_000 }
  const chosen = (granularity ?? 'seconds') as keyof typeof span
  return { ...timeseries, granularity: chosen, bucketMaxSpanSeconds: span[chosen] }
}

function completeClustered(given: BsonValue, options: BsonDocument): BsonDocument {
  if (!isDocument(given))
    throw invalid("The 'clusteredIndex' option has to be an object with 'key' and 'unique'")
  assertFields('create.clusteredIndex', CLUSTERED, given)
  if (options['capped'] === true) throw invalid('Clustered collections cannot be capped')
  const { key, name, unique } = given
  if (!isDocument(key) || !sameKeyPattern(key, { _id: 1 })) {
    throw invalid(
      `The clusteredIndex option is only supported with key: {_id: 1}, found ${printDocument({ key })}`,
    )
  }
  if (unique !== true)
    throw new ServerError(
      5979700,
      'The clusteredIndex option requires unique: true to be specified',
    )
  return { v: 2, key, name: name ?? '_id_', unique: true }
}

function assertExpiry(options: BsonDocument): void {
  const seconds = options['expireAfterSeconds']
  if (seconds === undefined || seconds === 'off') return
  if (options['timeseries'] === undefined && options['clusteredIndex'] === undefined)
    throw invalid(
      "'expireAfterSeconds' is only supported on time-series collections or when the clusteredIndex option is specified",
    )
  if (!isNumeric(seconds) || toNumber(seconds) < 0)
    throw invalid("TTL index 'expireAfterSeconds' cannot be less than 0")
}
