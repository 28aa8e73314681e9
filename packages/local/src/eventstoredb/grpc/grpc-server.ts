import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { GrpcCall, type GrpcHandlers } from './grpc-call.ts'
import { asGrpcError, GrpcError, GrpcStatus } from './grpc-status.ts'

/** Calls one connection may have open: the Kestrel default, which every EventStoreDB version keeps. */
const MAX_CONCURRENT_CALLS = 100
const STREAM_WINDOW_BYTES = 1024 * 1024
const CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024

/** A listening gRPC server over cleartext HTTP/2. */
export interface GrpcServer {
  readonly port: number
  /** Drops every connection and stops listening. Calls in flight end as on a lost connection. */
  close(): Promise<void>
}

/**
 * Serves gRPC over `node:http2` itself.
 *
 * A page of events leaves as one write of ready-made frames, which no message-by-message server API allows.
 *
 * @throws The listen error, such as `EADDRINUSE`.
 */
export async function startGrpcServer(
  handlers: GrpcHandlers,
  address: { readonly host: string; readonly port: number },
): Promise<GrpcServer> {
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer({
    // Node's default of 10 MB resets calls that carry a dozen events of the size the protocol allows.
    maxSessionMemory: 1_024,
    settings: {
      maxConcurrentStreams: MAX_CONCURRENT_CALLS,
      initialWindowSize: STREAM_WINDOW_BYTES,
    },
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    session.on('error', () => session.destroy())
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) => {
    serve(handlers, stream, headers)
  })
  await listening(server, address)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}

function serve(
  handlers: GrpcHandlers,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const handler = handlers.get(headers[':path'] ?? '') ?? unimplemented
  const fail = (reason: unknown): void => {
    call.end(asGrpcError(reason))
  }
  const call = new GrpcCall(stream, headers, fail)
  try {
    handler(call)?.catch(fail)
  } catch (reason) {
    fail(reason)
  }
}

function unimplemented(): never {
  throw new GrpcError(GrpcStatus.unimplemented, 'Service is unimplemented.')
}

function listening(
  server: Http2Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}
