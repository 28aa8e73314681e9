import { BSON_TYPE, typeNameOf } from '../bson/bson-type.ts'
import { rawElements } from '../bson/raw-document.ts'
import { isFalsy, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/** What a field of a command may be; `boolean` takes numbers too, as the server does. */
export type FieldType =
  'any' | 'array' | 'boolean' | 'hint' | 'number' | 'object' | 'objectOrArray' | 'string'

/** The fields a command or a part of one knows. */
export interface FieldSpecs {
  readonly fields: Readonly<Record<string, FieldType>>
  readonly required?: readonly string[]
}

const NUMBERS = ['long', 'int', 'decimal', 'double']
const TYPE_NAMES: Readonly<Record<Exclude<FieldType, 'any'>, readonly string[]>> = {
  array: ['array'],
  boolean: ['bool', ...NUMBERS],
  hint: ['string', 'object'],
  number: NUMBERS,
  object: ['object'],
  objectOrArray: ['object', 'array'],
  string: ['string'],
}

/**
 * Checks the fields of a command, or of one entry of it, strictly.
 *
 * @param subject Name the fields have in messages, for example `update.updates`.
 * @param generic Fields every command knows.
 * @throws {ServerError} A field is not known, has the wrong type, or is missing.
 */
export function assertFields(
  subject: string,
  specs: FieldSpecs,
  document: BsonDocument,
  generic: ReadonlySet<string> = new Set(),
): void {
  for (const name of Object.keys(document)) {
    if (generic.has(name)) continue
    const type = fieldType(subject, specs, name)
    const value: BsonValue | undefined = document[name]
    if (value === undefined || value === null) continue
    assertType(`${subject}.${name}`, type, typeNameOf(value))
    // A number stands for a boolean; from here on it is one.
    if (type === 'boolean') document[name] = !isFalsy(value)
  }
  for (const name of specs.required ?? []) {
    // A null stands for a missing field.
    if ((document[name] ?? null) === null) throw missingField(`${subject}.${name}`)
  }
}

/** The error for a field a command needs. */
export function missingField(path: string): ServerError {
  return new ServerError('IDLFailedToParse', `BSON field '${path}' is missing but a required field`)
}

const TYPE_OF_BYTE = new Map<number, string>(
  Object.entries(BSON_TYPE).map(([name, byte]) => [byte, name]),
)

/**
 * Checks the fields of one entry of a command, undecoded, strictly.
 *
 * @param subject Name the fields have in messages, for example `update.updates`.
 * @throws {ServerError} A field is not known, has the wrong type, or is missing.
 */
export function assertRawFields(subject: string, specs: FieldSpecs, bytes: Buffer): void {
  const seen = new Set<string>()
  for (const { name, type } of rawElements(bytes)) {
    const allowed = fieldType(subject, specs, name)
    if (type === BSON_TYPE.null || type === BSON_TYPE.undefined) continue
    seen.add(name)
    assertType(`${subject}.${name}`, allowed, TYPE_OF_BYTE.get(type) ?? 'unknown')
  }
  for (const name of specs.required ?? []) {
    if (!seen.has(name)) throw missingField(`${subject}.${name}`)
  }
}

function fieldType(subject: string, specs: FieldSpecs, name: string): FieldType {
  const type = Object.hasOwn(specs.fields, name) ? specs.fields[name] : undefined
  if (type) return type
  throw new ServerError('IDLUnknownField', `BSON field '${subject}.${name}' is an unknown field.`)
}

function assertType(path: string, type: FieldType, found: string): void {
  if (type === 'any') return
  const allowed = TYPE_NAMES[type]
  if (allowed.includes(found)) return
  const expected =
    allowed.length === 1
      ? `expected type '${allowed[0] ?? ''}'`
      : `expected types '[${allowed.join(', ')}]'`
  throw new ServerError(
    'TypeMismatch',
    `BSON field '${path}' is the wrong type '${found}', ${expected}`,
  )
}
