import { plainText } from '../bson/print-value.ts'
import { ObjectId, Timestamp } from 'bson'
import { typeNameOf } from '../bson/bson-type.ts'
import { integer, isDocument, isNumeric, toNumber, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { isNullish, namedArguments } from './arguments.ts'
import type { ExpressionOperator } from './expression.ts'

const DAY_MS = 86_400_000

function dateFor(name: string, value: BsonValue): Date {
  if (value instanceof Date) return value
  if (value instanceof ObjectId) return value.getTimestamp()
  if (value instanceof Timestamp) return new Date(value.t * 1000)
  throw new ServerError(
    16006,
    `can't convert from BSON type ${typeNameOf(value)} to Date in ${name}`,
  )
}

function assertUtc(name: string, timezone: BsonValue | undefined): void {
  if (isNullish(timezone) || ['UTC', 'GMT', 'Etc/UTC', 'Z', '+00:00'].includes(timezone as string))
    return
  throw new ServerError(
    'CommandNotSupported',
    `${name} with the time zone ${plainText(timezone)} is not supported by the development server; use UTC`,
  )
}

function part(read: (date: Date) => number): ExpressionOperator {
  return (operand, context) => {
    const spec =
      isDocument(operand) && 'date' in operand
        ? operand
        : { date: Array.isArray(operand) ? (operand[0] ?? null) : operand }
    return namedArguments(['date'], ['timezone'], ({ date, timezone }) => {
      assertUtc(context.name, timezone)
      return isNullish(date) ? null : integer(read(dateFor(context.name, date)))
    })(spec, context)
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS)
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) }
}

const pad = (value: number, width: number) => String(value).padStart(width, '0')

const FORMATS: Record<string, (date: Date) => string> = {
  Y: (date) => pad(date.getUTCFullYear(), 4),
  m: (date) => pad(date.getUTCMonth() + 1, 2),
  d: (date) => pad(date.getUTCDate(), 2),
  H: (date) => pad(date.getUTCHours(), 2),
  M: (date) => pad(date.getUTCMinutes(), 2),
  S: (date) => pad(date.getUTCSeconds(), 2),
  L: (date) => pad(date.getUTCMilliseconds(), 3),
  j: (date) => pad(dayOfYear(date), 3),
  w: (date) => String(date.getUTCDay() + 1),
  u: (date) => String(date.getUTCDay() || 7),
  V: (date) => pad(isoWeek(date).week, 2),
  G: (date) => pad(isoWeek(date).year, 4),
  z: () => '+0000',
  Z: () => '0',
  '%': () => '%',
}

function format(date: Date, pattern: string): string {
  return pattern.replace(/%(.)/g, (_, letter: string) => {
    const write = FORMATS[letter]
    if (write) return write(date)
    throw new ServerError(18536, `Invalid format character '%${letter}' in format string`)
  })
}

const UNIT_MS: Record<string, number> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
  week: 7 * DAY_MS,
}
const UNIT_MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 }

function shifted(name: string, sign: 1 | -1): ExpressionOperator {
  return namedArguments(
    ['startDate', 'unit', 'amount'],
    ['timezone'],
    ({ startDate, unit, amount, timezone }) => {
      assertUtc(name, timezone)
      if (isNullish(startDate) || isNullish(unit) || isNullish(amount)) return null
      const date = dateFor(name, startDate)
      const count = (isNumeric(amount) ? toNumber(amount) : NaN) * sign
      const milliseconds = UNIT_MS[plainText(unit)]
      if (milliseconds !== undefined) return new Date(date.getTime() + count * milliseconds)
      const months = UNIT_MONTHS[plainText(unit)]
      if (months === undefined)
        throw new ServerError('FailedToParse', `unknown time unit value: ${plainText(unit)}`)
      return addMonths(date, count * months)
    },
  )
}

/** The same day of another month, or its last day when it is shorter. */
function addMonths(date: Date, count: number): Date {
  const target = new Date(date.getTime())
  target.setUTCDate(1)
  target.setUTCMonth(target.getUTCMonth() + count)
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate()
  target.setUTCDate(Math.min(date.getUTCDate(), last))
  return target
}

function floorMonths(date: Date, size: number): Date {
  const months = (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth()
  return new Date(Date.UTC(2000, Math.floor(months / size) * size, 1))
}

function truncated({
  date,
  unit,
  binSize,
  timezone,
  startOfWeek,
}: Record<string, BsonValue | undefined>): BsonValue {
  assertUtc('$dateTrunc', timezone)
  if (isNullish(date) || isNullish(unit)) return null
  const value = dateFor('$dateTrunc', date)
  const size = isNumeric(binSize) ? toNumber(binSize) : 1
  const months = UNIT_MONTHS[plainText(unit)]
  if (months !== undefined) return floorMonths(value, months * size)
  const step = (UNIT_MS[plainText(unit)] ?? NaN) * size
  if (Number.isNaN(step))
    throw new ServerError('FailedToParse', `unknown time unit value: ${plainText(unit)}`)
  if (startOfWeek !== undefined && !/^sun/i.test(plainText(startOfWeek))) {
    throw new ServerError(
      'CommandNotSupported',
      '$dateTrunc with startOfWeek is not supported by the development server',
    )
  }
  // Bins are counted from 2000-01-01; weeks from the Sunday after.
  const origin = Date.UTC(2000, 0, unit === 'week' ? 2 : 1)
  return new Date(origin + Math.floor((value.getTime() - origin) / step) * step)
}

function difference({
  startDate,
  endDate,
  unit,
  timezone,
}: Record<string, BsonValue | undefined>): BsonValue {
  assertUtc('$dateDiff', timezone)
  if (isNullish(startDate) || isNullish(endDate) || isNullish(unit)) return null
  const [from, to] = [dateFor('$dateDiff', startDate), dateFor('$dateDiff', endDate)]
  const months = UNIT_MONTHS[plainText(unit)]
  if (months !== undefined) {
    const count = (date: Date) =>
      Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months)
    return BigInt(count(to) - count(from))
  }
  const step = UNIT_MS[plainText(unit)]
  if (step === undefined)
    throw new ServerError('FailedToParse', `unknown time unit value: ${plainText(unit)}`)
  // 1970-01-04 was a Sunday.
  const origin = unit === 'week' ? 3 * DAY_MS : 0
  const count = (date: Date) => Math.floor((date.getTime() - origin) / step)
  return BigInt(count(to) - count(from))
}

function fromParts(args: Record<string, BsonValue | undefined>): BsonValue {
  assertUtc('$dateFromParts', args['timezone'])
  const read = (name: string, otherwise: number) => {
    const value = args[name]
    return isNumeric(value) ? toNumber(value) : value === undefined ? otherwise : NaN
  }
  const parts = [
    read('year', 1970),
    read('month', 1) - 1,
    read('day', 1),
    read('hour', 0),
    read('minute', 0),
    read('second', 0),
    read('millisecond', 0),
  ]
  if (parts.some(Number.isNaN)) return null
  const [year = 1970, ...rest] = parts
  const date = new Date(0)
  date.setUTCFullYear(year, rest[0] ?? 0, rest[1] ?? 1)
  date.setUTCHours(rest[2] ?? 0, rest[3] ?? 0, rest[4] ?? 0, rest[5] ?? 0)
  return date
}

/** Operators on dates, in UTC. */
export const DATE_OPERATORS: Record<string, ExpressionOperator> = {
  $year: part((date) => date.getUTCFullYear()),
  $month: part((date) => date.getUTCMonth() + 1),
  $dayOfMonth: part((date) => date.getUTCDate()),
  $hour: part((date) => date.getUTCHours()),
  $minute: part((date) => date.getUTCMinutes()),
  $second: part((date) => date.getUTCSeconds()),
  $millisecond: part((date) => date.getUTCMilliseconds()),
  $dayOfWeek: part((date) => date.getUTCDay() + 1),
  $isoDayOfWeek: part((date) => date.getUTCDay() || 7),
  $dayOfYear: part(dayOfYear),
  // Weeks start on Sunday; the days before the first one are week 0.
  $week: part((date) => Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  $isoWeek: part((date) => isoWeek(date).week),
  $isoWeekYear: part((date) => isoWeek(date).year),
  $dateAdd: shifted('$dateAdd', 1),
  $dateSubtract: shifted('$dateSubtract', -1),
  $dateTrunc: namedArguments(['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], truncated),
  $dateDiff: namedArguments(['startDate', 'endDate', 'unit'], ['timezone'], difference),
  $dateFromParts: namedArguments(
    [],
    ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'timezone'],
    fromParts,
  ),
  $dateToString: namedArguments(
    ['date'],
    ['format', 'timezone', 'onNull'],
    ({ date, format: pattern, timezone, onNull }) => {
      assertUtc('$dateToString', timezone)
      if (isNullish(date)) return onNull ?? null
      const text = typeof pattern === 'string' ? pattern : '%Y-%m-%dT%H:%M:%S.%LZ'
      return format(dateFor('$dateToString', date), text)
    },
  ),
}
