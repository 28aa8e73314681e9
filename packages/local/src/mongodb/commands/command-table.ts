import { aggregateCommand } from './aggregate-command.ts'
import { countCommand, distinctCommand } from './count-commands.ts'
import { bulkWriteCommand } from './bulk-write-command.ts'
import { collModCommand } from './coll-mod-command.ts'
import { createCommand } from './create-command.ts'
import { dropCommand, dropDatabaseCommand } from './drop-commands.ts'
import { renameCollectionCommand } from './rename-command.ts'
import { searchIndexCommand } from './search-index-commands.ts'
import type { Command } from './command.ts'
import { getMoreCommand, killCursorsCommand } from './cursor-commands.ts'
import {
  buildInfoCommand,
  configureFailPointCommand,
  connectionStatusCommand,
  getLogCommand,
  getParameterCommand,
  hostInfoCommand,
  pingCommand,
  replicaSetConfigCommand,
  replicaSetStatusCommand,
  commandLineOptionsCommand,
  serverStatusCommand,
  setParameterCommand,
  whatsMyUriCommand,
} from './diagnostic-commands.ts'
import { explainCommand } from './explain-command.ts'
import { ServerError } from '../errors/server-error.ts'
import { findAndModifyCommand } from './find-and-modify-command.ts'
import { findCommand } from './find-command.ts'
import { helloCommand } from './hello-commands.ts'
import { createIndexesCommand, dropIndexesCommand, listIndexesCommand } from './index-commands.ts'
import {
  collStatsCommand,
  dbStatsCommand,
  listCollectionsCommand,
  listDatabasesCommand,
} from './list-commands.ts'
import {
  abortTransactionCommand,
  commitTransactionCommand,
  endSessionsCommand,
  killAllSessionsCommand,
  refreshSessionsCommand,
} from './session-commands.ts'
import { deleteCommand, insertCommand, updateCommand } from './write-commands.ts'

const COMMANDS: Record<string, Command> = {
  hello: helloCommand,
  isMaster: helloCommand,
  ismaster: helloCommand,
  ping: pingCommand,
  buildInfo: buildInfoCommand,
  buildinfo: buildInfoCommand,
  getParameter: getParameterCommand,
  setParameter: setParameterCommand,
  whatsmyuri: whatsMyUriCommand,
  getLog: getLogCommand,
  hostInfo: hostInfoCommand,
  serverStatus: serverStatusCommand,
  replSetGetStatus: replicaSetStatusCommand,
  replSetGetConfig: replicaSetConfigCommand,
  getCmdLineOpts: commandLineOptionsCommand,
  connectionStatus: connectionStatusCommand,
  configureFailPoint: configureFailPointCommand,
  insert: insertCommand,
  update: updateCommand,
  delete: deleteCommand,
  bulkWrite: bulkWriteCommand,
  find: findCommand,
  findAndModify: findAndModifyCommand,
  findandmodify: findAndModifyCommand,
  aggregate: aggregateCommand,
  count: countCommand,
  distinct: distinctCommand,
  explain: explainCommand,
  getMore: getMoreCommand,
  killCursors: killCursorsCommand,
  create: createCommand,
  drop: dropCommand,
  dropDatabase: dropDatabaseCommand,
  renameCollection: renameCollectionCommand,
  collMod: collModCommand,
  listCollections: listCollectionsCommand,
  listDatabases: listDatabasesCommand,
  collStats: collStatsCommand,
  dbStats: dbStatsCommand,
  dbstats: dbStatsCommand,
  createIndexes: createIndexesCommand,
  listIndexes: listIndexesCommand,
  dropIndexes: dropIndexesCommand,
  createSearchIndexes: searchIndexCommand,
  dropSearchIndex: searchIndexCommand,
  updateSearchIndex: searchIndexCommand,
  listSearchIndexes: searchIndexCommand,
  commitTransaction: commitTransactionCommand,
  abortTransaction: abortTransactionCommand,
  startSession: refreshSessionsCommand,
  refreshSessions: refreshSessionsCommand,
  endSessions: endSessionsCommand,
  killSessions: endSessionsCommand,
  killAllSessions: killAllSessionsCommand,
  killAllSessionsByPattern: killAllSessionsCommand,
}

/** Commands the server has and this one has not. */
const NOT_SUPPORTED = new Set(
  `applyOps analyze analyzeShardKey authenticate autoSplitVector balancerStart balancerStatus
  balancerStop cleanupOrphaned cloneCollectionAsCapped compact compactStructuredEncryptionData
  convertToCapped createRole createUser currentOp dataSize dbHash dropAllRolesFromDatabase
  dropAllUsersFromDatabase dropConnections dropRole dropUser filemd5 flushRouterConfig fsync
  fsyncUnlock getAuditConfig getClusterParameter getDefaultRWConcern getShardMap
  grantPrivilegesToRole grantRolesToRole grantRolesToUser killOp listCommands listShards
  lockInfo logApplicationMessage logRotate logout mapReduce mapreduce netstat planCacheClear
  planCacheClearFilters planCacheListFilters planCacheSetFilter profile reIndex
  replSetAbortPrimaryCatchUp replSetFreeze replSetInitiate replSetMaintenance
  replSetReconfig replSetResizeOplog replSetStepDown replSetSyncFrom revokePrivilegesFromRole
  revokeRolesFromRole revokeRolesFromUser rolesInfo saslContinue saslStart setClusterParameter
  setDefaultRWConcern setFeatureCompatibilityVersion setIndexCommitQuorum setProfilingLevel
  shardCollection shardingState shutdown sleep top updateRole updateUser usersInfo validate
  validateDBMetadata waitForFailPoint`.split(/\s+/),
)

/** The error for a name that is no command of this server. */
export function unknownCommand(name: string): ServerError {
  return NOT_SUPPORTED.has(name)
    ? new ServerError(
        'CommandNotSupported',
        `The command ${name} is not supported by the development server`,
      )
    : new ServerError('CommandNotFound', `no such command: '${name}'`)
}

/** The command with a name, if the server has it. */
export function commandNamed(name: string): Command | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
}
