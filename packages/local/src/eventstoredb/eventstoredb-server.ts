import { randomUUID } from 'node:crypto'
import type { LocalStorage } from '../storage/local-storage.ts'
import type { GrpcHandler } from './grpc/grpc-call.ts'
import { startGrpcServer } from './grpc/grpc-server.ts'
import { unary } from './grpc/unary-handler.ts'
import { EventLog } from './log/event-log.ts'
import { StreamWriter } from './log/stream-writer.ts'
import { clusterInfo } from './node/gossip.ts'
import { supportedMethods } from './node/server-features.ts'
import { persistentSubscriptionHandlers, restartHandler } from './persistent/group-service.ts'
import { SubscriptionGroups } from './persistent/subscription-groups.ts'
import { appendHandler } from './streams/append-service.ts'
import { batchAppendHandler } from './streams/batch-append-service.ts'
import { deleteHandler, tombstoneHandler } from './streams/delete-service.ts'
import { readHandler } from './streams/read-service.ts'

/** Where a development EventStoreDB server listens. */
export interface EventStoreDBServerOptions {
  /** Port to listen on; 0, the default, for any that is free. */
  readonly port?: number
  /** Address to listen on, `127.0.0.1` by default. */
  readonly host?: string
}

/** A running development EventStoreDB server. */
export interface EventStoreDBServer {
  readonly port: number
  /** Connection string for clients. */
  readonly url: string
  /**
   * Drops every connection and stops listening.
   *
   * Appends not acknowledged yet may still be committed; the storage stays open.
   */
  close(): Promise<void>
}

/**
 * Starts a server that speaks the gRPC protocol of EventStoreDB 24.6.0 over the storage.
 *
 * Anonymous users may do everything, there is no TLS, and of the system projections none runs. For
 * development and tests only.
 *
 * @throws The listen error, such as `EADDRINUSE`.
 */
export async function startEventStoreDBServer(
  storage: LocalStorage,
  { port = 0, host = '127.0.0.1' }: EventStoreDBServerOptions = {},
): Promise<EventStoreDBServer> {
  const log = new EventLog(storage)
  const writer = new StreamWriter(log)
  const groups = new SubscriptionGroups(log, writer)
  const node = { id: randomUUID(), host, port }
  const server = await startGrpcServer(
    handlersByPath({
      'streams.Streams': {
        Read: readHandler(log),
        Append: appendHandler(writer),
        BatchAppend: batchAppendHandler(writer),
        Delete: deleteHandler(writer),
        Tombstone: tombstoneHandler(writer),
      },
      'persistent_subscriptions.PersistentSubscriptions': persistentSubscriptionHandlers(groups),
      'operations.Operations': { RestartPersistentSubscriptions: restartHandler(groups) },
      'server_features.ServerFeatures': { GetSupportedMethods: unary(supportedMethods) },
      'gossip.Gossip': { Read: unary(() => clusterInfo(node)) },
    }),
    { host, port },
  )
  node.port = server.port
  return {
    port: server.port,
    url: `esdb://${host}:${server.port}?tls=false`,
    close: async () => {
      groups.close()
      await server.close()
    },
  }
}

function handlersByPath(
  services: Readonly<Record<string, Readonly<Record<string, GrpcHandler>>>>,
): ReadonlyMap<string, GrpcHandler> {
  return new Map(
    Object.entries(services).flatMap(([service, methods]) =>
      Object.entries(methods).map(
        ([method, handler]) => [`/event_store.client.${service}/${method}`, handler] as const,
      ),
    ),
  )
}
