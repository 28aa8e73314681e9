import type {
  PersistentSubscriptionToAllSettings,
  PersistentSubscriptionToStreamSettings,
} from '@eventstore/db-client'
import type { ConsumerGroup } from '@varve/core'
import type { Client } from '../client-library/client-driver.ts'
import type { GuardedClient } from '../connection/guarded-client.ts'
import { typeOf } from '../failure/classify-failure.ts'
import { serverFilter } from '../subscription/event-filter.ts'
import type { ConsumerCall } from './consumer-call.ts'
import { filterOf, type GroupAddress, groupAddress, wholeLog } from './group-address.ts'
import type { ServerSettings, StartFrom } from './server-settings.ts'

/** A group as the server describes it, in the parts that are used. */
export interface GroupFacts {
  readonly settings: ServerSettings & { readonly startFrom: StartFrom | undefined }
  readonly stats: {
    readonly totalInFlightMessages: number
    readonly retryBufferCount: number
    readonly parkedMessageCount: bigint
    readonly lastCheckpointedEventRevision?: bigint
    readonly lastCheckpointedEventPosition?: { readonly commit: bigint }
  }
  readonly connections: readonly {
    readonly connectionName: string
    readonly inFlightMessages: number
  }[]
}

/** The client's calls about one group, the same for streams and for the whole log. */
export class GroupCommands {
  readonly address: GroupAddress
  readonly #client: Client
  readonly #group: ConsumerGroup

  constructor(client: GuardedClient, group: ConsumerGroup) {
    this.#client = client.calls
    this.#group = group
    this.address = groupAddress(group)
  }

  /** Creates the group; false where there is one. */
  create(settings: ServerSettings, startFrom: StartFrom): Promise<boolean> {
    const { source, name } = this.address
    const creating =
      source === wholeLog
        ? this.#client.createPersistentSubscriptionToAll(name, forAll(settings, startFrom), {
            filter: serverFilter(filterOf(this.#group), () => undefined),
          })
        : this.#client.createPersistentSubscriptionToStream(
            source,
            name,
            forStream(settings, startFrom),
          )
    return unless('persistent-subscription-exists', creating)
  }

  /** Changes the group; false where there is none. */
  update(settings: ServerSettings, startFrom: StartFrom): Promise<boolean> {
    const { source, name } = this.address
    return unlessMissing(
      source === wholeLog
        ? this.#client.updatePersistentSubscriptionToAll(name, forAll(settings, startFrom))
        : this.#client.updatePersistentSubscriptionToStream(
            source,
            name,
            forStream(settings, startFrom),
          ),
    )
  }

  /** Deletes the group; false where there is none. */
  delete(): Promise<boolean> {
    const { source, name } = this.address
    return unlessMissing(
      source === wholeLog
        ? this.#client.deletePersistentSubscriptionToAll(name)
        : this.#client.deletePersistentSubscriptionToStream(source, name),
    )
  }

  /** Describes the group; undefined where there is none. */
  async describe(): Promise<GroupFacts | undefined> {
    const { source, name } = this.address
    let facts: GroupFacts | undefined
    await unlessMissing(
      (async () => {
        facts =
          source === wholeLog
            ? await this.#client.getPersistentSubscriptionToAllInfo(name)
            : await this.#client.getPersistentSubscriptionToStreamInfo(source, name)
      })(),
    )
    return facts
  }

  /** Names all groups on the whole log. */
  async namesOnWholeLog(): Promise<readonly string[]> {
    let names: readonly string[] = []
    await unlessMissing(
      (async () => {
        const groups = await this.#client.listPersistentSubscriptionsToAll()
        names = groups.map(({ groupName }) => groupName)
      })(),
    )
    return names
  }

  /** Delivers parked events again, up to a place in their stream, exclusive; false where there is no group. */
  replayParked(stopAt: bigint): Promise<boolean> {
    const { source, name } = this.address
    return unlessMissing(
      source === wholeLog
        ? this.#client.replayParkedMessagesToAll(name, { stopAt })
        : this.#client.replayParkedMessagesToStream(source, name, { stopAt }),
    )
  }

  /** Joins the group. */
  consume(bufferSize: number): ConsumerCall {
    const { source, name } = this.address
    const call =
      source === wholeLog
        ? this.#client.subscribeToPersistentSubscriptionToAll(name, { bufferSize })
        : this.#client.subscribeToPersistentSubscriptionToStream(source, name, { bufferSize })
    return call as unknown as ConsumerCall
  }
}

function forAll(
  settings: ServerSettings,
  startFrom: StartFrom,
): PersistentSubscriptionToAllSettings {
  const from = typeof startFrom === 'bigint' ? { commit: startFrom, prepare: startFrom } : startFrom
  return { ...settings, startFrom: from }
}

function forStream(
  settings: ServerSettings,
  startFrom: StartFrom,
): PersistentSubscriptionToStreamSettings {
  return { ...settings, startFrom: typeof startFrom === 'object' ? startFrom.commit : startFrom }
}

function unlessMissing(asking: Promise<void>): Promise<boolean> {
  return unless('persistent-subscription-does-not-exist', asking)
}

async function unless(refusal: string, asking: Promise<void>): Promise<boolean> {
  try {
    await asking
    return true
  } catch (failure) {
    if (typeOf(failure) === refusal) return false
    throw failure
  }
}
