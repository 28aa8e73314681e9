import type {
  EventToAppend,
  JsonObject,
  JsonValue,
  RecordedStreamSettings,
  StreamAcl,
  StreamName,
  StreamSettings,
} from '@varve/core'
import { randomIds, toStreamName } from '@varve/core'

/** Type of the events in which the server keeps what it knows of a stream. */
export const settingsType = '$metadata'

/** `$tb` of a deleted stream is 2^63 − 1, which no JavaScript number holds: it is read as 2^63. */
const deletedFrom = 2 ** 62

const aclNames = {
  read: '$r',
  write: '$w',
  delete: '$d',
  readSettings: '$mr',
  writeSettings: '$mw',
} as const

/** Names the stream in which the server keeps what it knows of a stream. */
export function settingsStream(stream: StreamName): StreamName {
  return toStreamName(`$$${stream}`)
}

/** Makes the event that sets the settings of a stream. */
export function settingsEvent(settings: StreamSettings): EventToAppend {
  const { maxCount, maxAgeSeconds, truncateBefore, cacheControlSeconds, acl, custom } = settings
  const data: JsonObject = {
    ...custom,
    ...(maxCount !== undefined && { $maxCount: maxCount }),
    ...(maxAgeSeconds !== undefined && { $maxAge: maxAgeSeconds }),
    ...(truncateBefore !== undefined && { $tb: Number(truncateBefore) }),
    ...(cacheControlSeconds !== undefined && { $cacheControl: cacheControlSeconds }),
    ...(acl !== undefined && { $acl: typeof acl === 'string' ? acl : encodeAcl(acl) }),
  }
  return { id: randomIds.next(), type: settingsType, data, metadata: {} }
}

/** Reads settings out of the data of such an event; what is malformed counts as absent, as on the server. */
export function settingsFrom(data: unknown): Omit<RecordedStreamSettings, 'revision'> {
  if (!isObject(data)) return { settings: {}, isDeleted: false }
  const custom = Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith('$')))
  const truncateBefore = wholeNumber(data['$tb'])
  const isDeleted = truncateBefore !== undefined && truncateBefore >= deletedFrom
  const maxCount = wholeNumber(data['$maxCount'])
  const maxAgeSeconds = wholeNumber(data['$maxAge'])
  const cacheControlSeconds = wholeNumber(data['$cacheControl'])
  const acl = decodeAcl(data['$acl'])
  const settings: StreamSettings = {
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(truncateBefore !== undefined && !isDeleted && { truncateBefore: BigInt(truncateBefore) }),
    ...(cacheControlSeconds !== undefined && { cacheControlSeconds }),
    ...(acl !== undefined && { acl }),
    ...(Object.keys(custom).length > 0 && { custom }),
  }
  return { settings, isDeleted }
}

function encodeAcl(acl: StreamAcl): JsonObject {
  const lists: Record<string, JsonValue> = {}
  for (const [right, name] of Object.entries(aclNames)) {
    const roles = acl[right as keyof StreamAcl]
    if (roles) lists[name] = roles
  }
  return lists
}

function decodeAcl(value: JsonValue | undefined): StreamSettings['acl'] {
  if (typeof value === 'string') return value
  if (!isObject(value)) return undefined
  const acl: Record<string, readonly string[]> = {}
  for (const [right, name] of Object.entries(aclNames)) {
    const roles = value[name]
    if (typeof roles === 'string') acl[right] = [roles]
    else if (Array.isArray(roles)) acl[right] = roles.map(String)
  }
  return acl
}

function wholeNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.floor(value) : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
