import { aggregateCommand } from './aggregate-command.ts'
import { countCommand, distinctCommand } from './count-commands.ts'
import { bulkWriteCommand } from './bulk-write-command.ts'
import {
  collModCommand,
  createCommand,
  dropCommand,
  dropDatabaseCommand,
  renameCollectionCommand,
} from './collection-commands.ts'
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
  replicaSetStatusCommand,
  serverStatusCommand,
} from './diagnostic-commands.ts'
import { explainCommand } from './explain-command.ts'
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
  getLog: getLogCommand,
  hostInfo: hostInfoCommand,
  serverStatus: serverStatusCommand,
  replSetGetStatus: replicaSetStatusCommand,
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
  commitTransaction: commitTransactionCommand,
  abortTransaction: abortTransactionCommand,
  startSession: refreshSessionsCommand,
  refreshSessions: refreshSessionsCommand,
  endSessions: endSessionsCommand,
  killSessions: endSessionsCommand,
  killAllSessions: killAllSessionsCommand,
  killAllSessionsByPattern: killAllSessionsCommand,
}

/** The command with a name, if the server has it. */
export function commandNamed(name: string): Command | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
}
