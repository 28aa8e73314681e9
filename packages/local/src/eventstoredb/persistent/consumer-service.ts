import type { GrpcCall, GrpcHandler } from '../grpc/grpc-call.ts'
import { invalidRequest } from '../streams/stream-errors.ts'
import { type ConsumerRequest, readConsumerRequest } from '../wire/persistent-requests.ts'
import { consumerConfirmed } from '../wire/persistent-responses.ts'
import { Consumer } from './consumer.ts'
import { subscriptionId } from './group-settings.ts'
import type { NackAction, SubscriptionGroup } from './subscription-group.ts'
import type { SubscriptionGroups } from './subscription-groups.ts'

/** Handles `PersistentSubscriptions/Read`: a client joins a group, then answers what it gets. */
export function consumerHandler(groups: SubscriptionGroups): GrpcHandler {
  return (call) => {
    let membership: { group: SubscriptionGroup; consumer: Consumer } | undefined
    call.receive((bytes) => {
      const request = readConsumerRequest(bytes)
      if (!request || (request.kind === 'join') === (membership !== undefined)) {
        throw invalidRequest('a consumer joins its group first, and once')
      }
      if (request.kind === 'join') membership = join(groups, call, request)
      else if (membership) answer(membership.group, membership.consumer, request)
    })
  }
}

function join(
  groups: SubscriptionGroups,
  call: GrpcCall,
  request: Extract<ConsumerRequest, { kind: 'join' }>,
): { group: SubscriptionGroup; consumer: Consumer } {
  const { group } = groups.get(request.key)
  const consumer = new Consumer(call, request)
  group.checkRoom()
  call.send(consumerConfirmed(subscriptionId(request.key)))
  group.join(consumer)
  call.onClosed(() => {
    group.leave(consumer)
  })
  return { group, consumer }
}

function answer(
  group: SubscriptionGroup,
  consumer: Consumer,
  request: Exclude<ConsumerRequest, { kind: 'join' }>,
): void {
  if (request.kind === 'ack') group.acknowledge(consumer, request.ids)
  else group.refuse(consumer, request.ids, nackAction(request.action), request.reason)
}

const PARK = 1
const SKIP = 3
const STOP = 4

/** The server does for "stop" what it does for "skip", and for an unknown action what it does for "retry". */
function nackAction(action: number): NackAction {
  if (action === PARK) return 'park'
  return action === SKIP || action === STOP ? 'skip' : 'retry'
}
