import type { GrpcHandler } from '../grpc/grpc-call.ts'
import { unary } from '../grpc/unary-handler.ts'
import {
  readDeleteGroup,
  readGetInfo,
  readGroupDefinition,
  readList,
  readReplayParked,
} from '../wire/persistent-requests.ts'
import { DONE, subscriptionInfo, subscriptionList } from '../wire/persistent-responses.ts'
import { consumerHandler } from './consumer-service.ts'
import { GroupStatistics } from './group-statistics.ts'
import type { SubscriptionGroups } from './subscription-groups.ts'

/** The handlers of the PersistentSubscriptions service, by method. */
export function persistentSubscriptionHandlers(
  groups: SubscriptionGroups,
): Readonly<Record<string, GrpcHandler>> {
  const statistics = new GroupStatistics()
  return {
    Read: consumerHandler(groups),
    Create: command(async (request) => {
      const { key, settings } = readGroupDefinition(request)
      await groups.create(key, settings)
    }),
    Update: command(async (request) => {
      const { key, settings } = readGroupDefinition(request)
      await groups.update(key, settings)
    }),
    Delete: command((request) => groups.delete(readDeleteGroup(request))),
    ReplayParked: command(async (request) => {
      const { key, stopAt } = readReplayParked(request)
      await groups.get(key).group.replayParked(stopAt)
    }),
    RestartSubsystem: restartHandler(groups),
    GetInfo: unary((request) =>
      subscriptionInfo(statistics.describe(groups.get(readGetInfo(request)))),
    ),
    List: unary((request) =>
      subscriptionList(
        groups.list(readList(request)).map((running) => statistics.describe(running)),
      ),
    ),
  }
}

/** Restarts all groups, for two services that offer it. */
export function restartHandler(groups: SubscriptionGroups): GrpcHandler {
  return unary(() => {
    groups.restart()
    return DONE
  })
}

function command(run: (request: Buffer) => Promise<void>): GrpcHandler {
  return unary(async (request) => {
    await run(request)
    return DONE
  })
}
