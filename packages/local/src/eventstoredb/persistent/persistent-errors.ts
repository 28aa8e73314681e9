import { GrpcError, GrpcStatus } from '../grpc/grpc-status.ts'
import type { GroupKey } from './group-settings.ts'

/** There is no such group. */
export function groupDoesNotExist(key: GroupKey): GrpcError {
  return new GrpcError(
    GrpcStatus.notFound,
    `Subscription group ${key.group} on stream ${key.source} does not exist.`,
    trailers('persistent-subscription-does-not-exist', key),
  )
}

/** There is such a group already. */
export function groupExists(key: GroupKey): GrpcError {
  return new GrpcError(
    GrpcStatus.alreadyExists,
    `Subscription group ${key.group} on stream ${key.source} exists.`,
    trailers('persistent-subscription-exists', key),
  )
}

/** The group takes no more consumers. */
export function maximumSubscribersReached(key: GroupKey): GrpcError {
  return new GrpcError(
    GrpcStatus.failedPrecondition,
    `Maximum subscriptions reached for subscription group ${key.group} on stream ${key.source}.`,
    trailers('maximum-subscribers-reached', key),
  )
}

/** The group was deleted, changed or restarted under its consumers. */
export function groupDropped(key: GroupKey): GrpcError {
  return new GrpcError(
    GrpcStatus.cancelled,
    `Subscription group ${key.group} on stream ${key.source} was dropped.`,
    trailers('persistent-subscription-dropped', key),
  )
}

function trailers(exception: string, { source, group }: GroupKey): Record<string, string> {
  return { exception, 'stream-name': source, 'group-name': group }
}
