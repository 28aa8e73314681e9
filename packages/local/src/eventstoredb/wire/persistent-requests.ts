import type { ConsumerStrategyName, GroupKey, GroupSettings } from '../persistent/group-settings.ts'
import { ALL } from '../persistent/group-settings.ts'
import { MAX_NUMBER, readMessage, readNumber, readStreamIdentifier } from './protobuf.ts'
import {
  hasField,
  readAllFrom,
  readFilter,
  type ReadFrom,
  readStreamOptions,
} from './read-request.ts'
import { readUuid } from './uuid.ts'

/** What to create or change. */
export interface GroupDefinition {
  readonly key: GroupKey
  readonly settings: GroupSettings
}

/** Reads a `CreateReq` or an `UpdateReq`. */
export function readGroupDefinition(bytes: Uint8Array): GroupDefinition {
  let source = ''
  let group = ''
  let settings = DEFAULTS
  let startFrom: ReadFrom | undefined
  let filter: GroupSettings['filter']
  readMessage(optionsOf(bytes), (field, reader) => {
    if (field === 1) source ||= readStreamIdentifier(reader.bytes())
    else if (field === 2) group = reader.string()
    else if (field === 3) settings = readSettings(reader.bytes())
    else if (field === 4) ({ stream: source, from: startFrom } = readStreamOptions(reader.bytes()))
    else if (field === 5) {
      const all = reader.bytes()
      source = ALL
      startFrom = readAllFrom(all)
      filter = readAllFilter(all)
    } else return false
    return true
  })
  startFrom ??= settings.startFrom
  if (startFrom === MAX_NUMBER) startFrom = 'end'
  return { key: { source, group }, settings: { ...settings, startFrom, filter } }
}

/** Reads a `DeleteReq`. */
export function readDeleteGroup(bytes: Uint8Array): GroupKey {
  return readKey(optionsOf(bytes), { stream: 1, group: 2, all: 3 })
}

/** Reads a `GetInfoReq`. */
export function readGetInfo(bytes: Uint8Array): GroupKey {
  return readKey(optionsOf(bytes), { stream: 1, all: 2, group: 3 })
}

/** Reads a `ReplayParkedReq`. */
export function readReplayParked(bytes: Uint8Array): { key: GroupKey; stopAt: number } {
  const options = optionsOf(bytes)
  let stopAt = MAX_NUMBER
  readMessage(options, (field, reader) => {
    if (field !== 4) return false
    stopAt = readNumber(reader)
    return true
  })
  return { key: readKey(options, { group: 1, stream: 2, all: 3 }), stopAt }
}

/** Reads a `ListReq`: the source, or undefined for all. */
export function readList(bytes: Uint8Array): string | undefined {
  let source: string | undefined
  readMessage(optionsOf(bytes), (field, reader) => {
    if (field !== 2) return false
    source = readKey(reader.bytes(), { stream: 1, all: 2, group: 0 }).source
    return true
  })
  return source
}

/** One message of a client to its group. */
export type ConsumerRequest =
  | {
      readonly kind: 'join'
      readonly key: GroupKey
      readonly bufferSize: number
      readonly structuredIds: boolean
    }
  | { readonly kind: 'ack'; readonly ids: readonly string[] }
  | {
      readonly kind: 'nack'
      readonly ids: readonly string[]
      readonly action: number
      readonly reason: string
    }

/** Reads a `ReadReq` of persistent subscriptions. */
export function readConsumerRequest(bytes: Uint8Array): ConsumerRequest | undefined {
  let request: ConsumerRequest | undefined
  readMessage(bytes, (field, reader) => {
    if (field === 1) request = readJoin(reader.bytes())
    else if (field === 2) request = { kind: 'ack', ids: readAnswer(reader.bytes()).ids }
    else if (field === 3) request = { kind: 'nack', ...readAnswer(reader.bytes()) }
    else return false
    return true
  })
  return request
}

const DEFAULTS: GroupSettings = {
  resolveLinks: false,
  extraStatistics: false,
  startFrom: 'start',
  messageTimeoutMs: 0,
  maxRetryCount: 0,
  checkpointAfterMs: 0,
  minCheckpointCount: 0,
  maxCheckpointCount: 0,
  maxSubscriberCount: 0,
  liveBufferSize: 0,
  readBatchSize: 0,
  historyBufferSize: 0,
  strategy: 'DispatchToSingle',
  filter: undefined,
}

const STRATEGIES: readonly ConsumerStrategyName[] = ['DispatchToSingle', 'RoundRobin', 'Pinned']

/** Number fields of `Settings`. */
const NUMBERS: Readonly<Record<number, keyof GroupSettings>> = {
  5: 'maxRetryCount',
  7: 'minCheckpointCount',
  8: 'maxCheckpointCount',
  9: 'maxSubscriberCount',
  10: 'liveBufferSize',
  11: 'readBatchSize',
  12: 'historyBufferSize',
  14: 'messageTimeoutMs',
  15: 'checkpointAfterMs',
}

const TICKS_PER_MS = 10_000

function readSettings(bytes: Uint8Array): GroupSettings {
  const settings: Record<string, unknown> = { ...DEFAULTS }
  readMessage(bytes, (field, reader) => {
    const number = NUMBERS[field]
    if (number) settings[number] = reader.int32()
    else if (field === 1) settings['resolveLinks'] = reader.bool()
    else if (field === 2) settings['startFrom'] = readNumber(reader)
    else if (field === 3) settings['extraStatistics'] = reader.bool()
    else if (field === 4) settings['messageTimeoutMs'] = readNumber(reader) / TICKS_PER_MS
    else if (field === 6) settings['checkpointAfterMs'] = readNumber(reader) / TICKS_PER_MS
    else if (field === 13) settings['strategy'] = STRATEGIES[reader.uint32()] ?? 'RoundRobin'
    else if (field === 16) settings['strategy'] = reader.string()
    else return false
    return true
  })
  return settings as unknown as GroupSettings
}

function optionsOf(bytes: Uint8Array): Uint8Array {
  let options: Uint8Array = new Uint8Array(0)
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false
    options = reader.bytes()
    return true
  })
  return options
}

function readAllFilter(bytes: Uint8Array): GroupSettings['filter'] {
  let filter: GroupSettings['filter']
  readMessage(bytes, (field, reader) => {
    if (field !== 4) return false
    filter = readFilter(reader.bytes())
    return true
  })
  return filter
}

function readKey(
  bytes: Uint8Array,
  fields: { readonly stream: number; readonly all: number; readonly group: number },
): GroupKey {
  let source = ''
  let group = ''
  readMessage(bytes, (field, reader) => {
    if (field === fields.stream) source = readStreamIdentifier(reader.bytes())
    else if (field === fields.group) group = reader.string()
    else {
      if (field === fields.all) source = ALL
      return false
    }
    return true
  })
  return { source, group }
}

function readJoin(bytes: Uint8Array): ConsumerRequest {
  let bufferSize = 0
  let structuredIds = true
  readMessage(bytes, (field, reader) => {
    if (field === 3) bufferSize = reader.int32()
    else if (field === 4) structuredIds = !hasField(reader.bytes(), 2)
    else return false
    return true
  })
  return {
    kind: 'join',
    key: readKey(bytes, { stream: 1, group: 2, all: 5 }),
    bufferSize,
    structuredIds,
  }
}

function readAnswer(bytes: Uint8Array): { ids: readonly string[]; action: number; reason: string } {
  const ids: string[] = []
  let action = 0
  let reason = ''
  readMessage(bytes, (field, reader) => {
    if (field === 2) ids.push(readUuid(reader.bytes()))
    else if (field === 3) action = reader.uint32()
    else if (field === 4) reason = reader.string()
    else return false
    return true
  })
  return { ids, action, reason }
}
