import { randomUUID } from 'node:crypto'
import type { EventLog } from '../log/event-log.ts'
import { firstReadable } from '../log/retention.ts'
import { StreamPages } from '../log/stream-pages.ts'
import { isSoftDeleted, isTombstoned, metastreamOf } from '../log/stream-states.ts'
import type { StreamWriter } from '../log/stream-writer.ts'
import type { ProposedEvent } from '../wire/event-frame.ts'
import { ANY } from '../wire/expected-revision.ts'
import { type GroupMessage, groupMessage } from './group-message.ts'
import { type GroupKey, subscriptionId } from './group-settings.ts'

const ADMINS = '$admins'
const ACL = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS }
const REPLAY_PAGE = 100
const NOTHING = new Uint8Array(0)

/** The messages a group gave up on: links in a stream of their own. */
export class ParkedMessages {
  readonly stream: string
  readonly #pages: StreamPages

  constructor(
    private readonly log: EventLog,
    private readonly writer: StreamWriter,
    key: GroupKey,
  ) {
    this.stream = `$persistentsubscription-${subscriptionId(key)}-parked`
    this.#pages = new StreamPages(log)
  }

  /** Messages parked and not replayed. */
  get count(): number {
    const state = this.log.streams.get(this.stream)
    if (state.last < 0 || isSoftDeleted(state) || isTombstoned(state)) return 0
    return Math.max(state.last + 1 - firstReadable(state.retention, state.last), 0)
  }

  /** Parks a message; resolves once it is on disk. */
  async park({ event, cursor, frames }: GroupMessage, reason: string): Promise<void> {
    const target =
      frames.event === undefined ? Buffer.from(event.data) : `${event.revision}@${event.stream}`
    const metadata = {
      added: new Date().toISOString(),
      reason,
      subscriptionEventNumber: cursor ?? event.revision,
    }
    await this.writer.append(this.stream, ANY, [
      {
        id: randomUUID(),
        type: '$>',
        isJson: false,
        data: Buffer.from(target),
        metadata: Buffer.from(JSON.stringify(metadata)),
      },
    ])
  }

  /**
   * Takes parked messages out to be tried again, oldest first.
   *
   * @param stopAt Revision in the parked stream of the first message to leave.
   */
  async takeOut(stopAt: number): Promise<readonly GroupMessage[]> {
    const messages: GroupMessage[] = []
    const state = this.log.streams.get(this.stream)
    const end = Math.min(stopAt, state.last + 1)
    if (this.count === 0) return []
    let next = 0
    while (next < end) {
      const page = this.#pages.forwards(state, next, Math.min(REPLAY_PAGE, end - next))
      page.frames.forEach((frame, index) => {
        if ((page.revisions[index] ?? end) >= end) return
        const message = groupMessage(this.log, frame, { cursor: undefined, resolveLinks: true })
        if (message.frames.event) messages.push(message)
      })
      next = page.end ? end : page.next
    }
    await this.writer.append(metastreamOf(this.stream), ANY, [truncation(end)])
    return messages
  }

  /** Forgets all parked messages, with their group. */
  async clear(): Promise<void> {
    if (this.count > 0) await this.writer.softDelete(this.stream, ANY)
  }
}

function truncation(before: number): ProposedEvent {
  return {
    id: randomUUID(),
    type: '$metadata',
    isJson: true,
    data: Buffer.from(JSON.stringify({ $tb: before, $acl: ACL })),
    metadata: NOTHING,
  }
}
