import type { GrpcHandler } from './grpc-call.ts'
import { GrpcError, GrpcStatus } from './grpc-status.ts'

/** A handler that answers one request message with one framed response. */
export function unary(answer: (request: Buffer) => Buffer | Promise<Buffer>): GrpcHandler {
  return async (call) => {
    const request = await new Promise<Buffer>((resolve, reject) => {
      call.receive(resolve, () => {
        reject(new GrpcError(GrpcStatus.internal, 'The call ended without a request message.'))
      })
      call.onClosed(() => {
        reject(new GrpcError(GrpcStatus.cancelled, 'The client went away.'))
      })
    })
    call.send(await answer(request))
    call.end()
  }
}
