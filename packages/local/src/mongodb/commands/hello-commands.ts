import type { EncodableDocument } from '../bson/encode.ts'
import { ObjectId } from 'bson'
import { isDocument, isNumeric, timestampOf, toNumber } from '../bson/value.ts'
import type { MongoServer } from '../server/mongo-server.ts'
import type { Command, CommandContext } from './command.ts'

/** Name of the replica set. */
const SET_NAME = 'varve'
/** Version the server reports; its behaviour follows this release. */
export const SERVER_VERSION = '8.0.12'

/** `hello` and its older names. */
export const helloCommand: Command = {
  run: async (context) => {
    rememberApplication(context)
    const { body } = context
    if (body['topologyVersion'] !== undefined && isNumeric(body['maxAwaitTimeMS'])) {
      await waitForChange(context, toNumber(body['maxAwaitTimeMS']))
    }
    return helloReply(context)
  },
}

function rememberApplication({ body, connection }: CommandContext): void {
  const client = body['client']
  const application = isDocument(client) ? client['application'] : undefined
  const name = isDocument(application) ? application['name'] : undefined
  if (typeof name === 'string') connection.appName = name
}

/** The topology of one node never changes: the whole time is waited. */
async function waitForChange({ connection }: CommandContext, milliseconds: number): Promise<void> {
  if (connection.signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      connection.signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds).unref()
    connection.signal.addEventListener('abort', done)
  })
}

function helloReply({ server, connection, name }: CommandContext): EncodableDocument {
  const primary = name === 'hello' ? { isWritablePrimary: true } : { ismaster: true, helloOk: true }
  return {
    ...primary,
    topologyVersion: topologyVersion(server),
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: connection.id,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false,
    ...(server.isReplicaSet ? replicaSet(server, connection) : {}),
  }
}

/** The version of the topology, which never changes while the server runs. */
export function topologyVersion({ processId }: MongoServer): EncodableDocument {
  return { processId, counter: 0n }
}

function replicaSet(
  { engine, port, processId }: MongoServer,
  connection: CommandContext['connection'],
): EncodableDocument {
  // The address the client itself has reached the server by.
  const address = connection.socket.localAddress ?? '127.0.0.1'
  const plain = address.replace(/^::ffff:/, '')
  const me = plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
  const { last } = engine.clock
  const opTime = { ts: timestampOf(last), t: 1n }
  const lastWriteDate = new Date(Number(last >> 32n) * 1000)
  return {
    setName: SET_NAME,
    setVersion: 1,
    secondary: false,
    primary: me,
    me,
    hosts: [me],
    electionId: new ObjectId(`7fffffff${processId.toHexString().slice(8)}`),
    lastWrite: {
      opTime,
      lastWriteDate,
      majorityOpTime: opTime,
      majorityWriteDate: lastWriteDate,
    },
    tags: {},
  }
}
