import { plainText } from '../bson/print-value.ts'
import type { Command } from './command.ts'
import { ServerError } from '../errors/server-error.ts'
import { SERVER_VERSION } from './hello-commands.ts'
import {
  isNumeric,
  timestampOf,
  toNumber,
  type BsonDocument,
  type BsonNumber,
} from '../bson/value.ts'
import { Double } from 'bson'

/** The `ping` command. */
export const pingCommand: Command = { run: () => ({}) }

/** The `buildInfo` command. */
export const buildInfoCommand: Command = {
  run: () => ({
    version: SERVER_VERSION,
    versionArray: [...SERVER_VERSION.split('.').map(Number), 0],
    maxBsonObjectSize: 16 * 1024 * 1024,
    gitVersion: 'development-server',
    modules: [],
    bits: 64,
    debug: false,
    storageEngines: ['sqlite'],
  }),
}

/** The `getParameter` command: the parameters clients ask for. */
export const getParameterCommand: Command = {
  run: ({ server, body }) => {
    const parameters: BsonDocument = {
      enableTestCommands: true,
      transactionLifetimeLimitSeconds: server.transactions.lifetimeSeconds,
      ttlMonitorSleepSecs: server.ttlMonitorSeconds,
      ttlMonitorEnabled: true,
      authenticationMechanisms: [],
      requireApiVersion: false,
      featureCompatibilityVersion: { version: '8.0' },
    }
    if (body['getParameter'] === '*') return parameters
    const found = Object.entries(parameters).filter(([name]) => body[name] !== undefined)
    if (found.length === 0) throw new ServerError('InvalidOptions', 'no option found to get')
    return Object.fromEntries(found)
  },
}

/** The `setParameter` command: how often documents expire, and how long transactions live. */
export const setParameterCommand: Command = {
  run: ({ server, body }) => {
    const { ttlMonitorSleepSecs, transactionLifetimeLimitSeconds } = body
    if (isNumeric(ttlMonitorSleepSecs)) {
      const was = server.ttlMonitorSeconds
      server.ttlMonitorSeconds = positive('ttlMonitorSleepSecs', ttlMonitorSleepSecs)
      return { was }
    }
    if (isNumeric(transactionLifetimeLimitSeconds)) {
      const was = server.transactions.lifetimeSeconds
      server.transactions.lifetimeSeconds = positive(
        'transactionLifetimeLimitSeconds',
        transactionLifetimeLimitSeconds,
      )
      return { was }
    }
    throw new ServerError('InvalidOptions', 'no option found to set, use help:true to see options ')
  },
}

function positive(name: string, value: BsonNumber): number {
  const number = toNumber(value)
  if (number > 0) return number
  throw new ServerError(
    'BadValue',
    `Invalid value for parameter ${name}: ${number} is not greater than 0`,
  )
}

/** The `whatsmyuri` command. */
export const whatsMyUriCommand: Command = {
  run: ({ connection: { socket } }) => ({
    you: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
  }),
}

/** The `configureFailPoint` command. */
export const configureFailPointCommand: Command = {
  fields: {
    fields: { configureFailPoint: 'string', mode: 'any', data: 'any' },
  },
  run: ({ server, db, body }) => {
    if (db !== 'admin')
      throw new ServerError(
        'Unauthorized',
        'configureFailPoint may only be run against the admin database.',
      )
    const name = plainText(body['configureFailPoint'])
    return { count: server.failPoints.configure(name, body['mode'], body['data']) }
  },
}

/** The `serverStatus` command: what monitors read most. */
export const serverStatusCommand: Command = {
  run: ({ server }) => ({
    host: `127.0.0.1:${server.port}`,
    version: SERVER_VERSION,
    process: 'mongod',
    pid: BigInt(process.pid),
    uptime: new Double((Date.now() - server.startedAt) / 1000),
    localTime: new Date(),
    connections: { current: server.connections.size, available: 10_000 },
    storageEngine: { name: 'sqlite', persistent: server.engine.storage.path !== ':memory:' },
    ...(server.isReplicaSet ? { repl: { setName: 'varve', isWritablePrimary: true } } : {}),
  }),
}

/** The `replSetGetStatus` command. */
export const replicaSetStatusCommand: Command = {
  run: ({ server }) => {
    if (!server.isReplicaSet)
      throw new ServerError('NoReplicationEnabled', 'not running with --replSet')
    const optime = { ts: timestampOf(server.engine.clock.last), t: 1n }
    const member = {
      _id: 0,
      name: `127.0.0.1:${server.port}`,
      health: 1,
      state: 1,
      stateStr: 'PRIMARY',
      self: true,
      optime,
    }
    return { set: 'varve', date: new Date(), myState: 1, term: 1n, members: [member] }
  },
}

/** The `replSetGetConfig` command. */
export const replicaSetConfigCommand: Command = {
  run: ({ server }) => {
    if (!server.isReplicaSet)
      throw new ServerError('NoReplicationEnabled', 'not running with --replSet')
    const member = { _id: 0, host: `127.0.0.1:${server.port}`, priority: 1, votes: 1 }
    const config = { _id: 'varve', version: 1, term: 1n, protocolVersion: 1n, members: [member] }
    return { config }
  },
}

/** The `getCmdLineOpts` command. */
export const commandLineOptionsCommand: Command = {
  run: ({ server }) => ({
    argv: [],
    parsed: {
      net: { port: server.port },
      setParameter: { enableTestCommands: '1' },
      ...(server.isReplicaSet ? { replication: { replSet: 'varve' } } : {}),
    },
  }),
}

/** The `connectionStatus` command. */
export const connectionStatusCommand: Command = {
  run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }),
}

/** The `getLog` command. */
export const getLogCommand: Command = { run: () => ({ totalLinesWritten: 0, log: [] }) }

/** The `hostInfo` command. */
export const hostInfoCommand: Command = {
  run: () => ({
    system: { currentTime: new Date(), hostname: '127.0.0.1' },
    os: { type: process.platform },
    extra: {},
  }),
}
