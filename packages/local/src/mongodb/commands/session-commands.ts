import { isDocument, type BsonDocument } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import type { Command, CommandContext } from './command.ts'

/** The `commitTransaction` command. */
export const commitTransactionCommand: Command = {
  inTransaction: true,
  endsTransaction: true,
  run: async (context) => {
    const { server, session } = context
    const txnNumber = transactionNumber(context)
    if (session) await server.transactions.commit(session, txnNumber)
    return {}
  },
}

/** The `abortTransaction` command. */
export const abortTransactionCommand: Command = {
  inTransaction: true,
  endsTransaction: true,
  run: (context) => {
    const { server, session } = context
    const txnNumber = transactionNumber(context)
    if (session) server.transactions.abort(server.transactions.find(session, txnNumber))
    return {}
  },
}

function transactionNumber({ body, name }: CommandContext): bigint {
  const number = body['txnNumber']
  if (number === undefined || body['autocommit'] !== false) {
    throw new ServerError('InvalidOptions', `${name} must be run within a transaction`)
  }
  return typeof number === 'bigint' ? number : BigInt(Number(number))
}

/** `endSessions` and `killSessions`: aborts their transactions and forgets them. */
export const endSessionsCommand: Command = {
  run: async (context) => {
    const list = context.body[context.name]
    await endSessions(context, Array.isArray(list) ? list.filter(isDocument) : [])
    return {}
  },
}

/** `killAllSessions` and its variants. */
export const killAllSessionsCommand: Command = {
  run: ({ server }) => {
    server.transactions.abortAll()
    server.cursors.closeWhere((cursor) => cursor.transaction !== undefined)
    return {}
  },
}

/** `startSession`, `refreshSessions`: sessions need no start. */
export const refreshSessionsCommand: Command = { run: () => ({}) }

async function endSessions(
  { server }: CommandContext,
  ids: readonly BsonDocument[],
): Promise<void> {
  const sessions = ids.map((id) => server.sessions.get(id))
  for (const session of sessions) {
    if (session.transaction) server.transactions.abort(session.transaction)
    server.cursors.closeWhere((cursor) => cursor.sessionKey === session.key)
    server.sessions.end(session)
  }
  const stored = sessions.filter((session) => session.txnNumber >= 0n)
  if (stored.length === 0) return
  await server.engine.storage.write(() => {
    for (const session of stored) server.sessions.erase(session)
  })
}
