import { inspect } from 'node:util'
import { type EventStore, type StreamName, streamName } from '@varve/core'
import { EventStoreDBEventStore } from '@varve/eventstoredb'
import { FaultProxy, SeededRandom, SequentialIds } from '@varve/testing'
import { checkFollower, checkLog, isSelected } from './check-log.ts'
import { drawPlan, type FaultCounts, type PlannedFault } from './fault-plan.ts'
import { FaultPlayer } from './fault-player.ts'
import { Follower } from './follower.ts'
import { KillableServer } from './killable-server.ts'
import { Progress } from './progress.ts'
import { type Logged, readLog } from './read-log.ts'
import { unlessStuck } from './stuck-watch.ts'
import { type Acknowledged, types, write } from './writer.ts'

/** What a run does. */
export interface FaultRunOptions extends FaultCounts {
  readonly seed: number
  readonly writers: number
  readonly eventsPerWriter: number
  readonly onFault?: (fault: PlannedFault, acknowledged: number) => void
}

/** What came of a run. */
export interface FaultRunReport extends FaultCounts {
  readonly seed: number
  /** How many events are in the log. */
  readonly events: number
  /** Everything that is missing, double, out of order or elsewhere than it was said to be. */
  readonly mistakes: readonly string[]
  /** How often a subscriber died and went on from its checkpoint. */
  readonly deaths: number
  readonly seconds: number
  /** How long subscribers took to receive something new once a killed server listened again, in milliseconds. */
  readonly backAfterMs: readonly number[]
}

/** Longer than the stores go on trying. */
const patienceMs = 45_000
/** Half of the stores give up on a black hole, the others wait it out. */
const timeouts = { hastyMs: 1000, patientMs: 10_000 }

/** Lets writers append and subscribers follow through a proxy, while the network breaks and the server dies. */
export async function runWithFaults(options: FaultRunOptions): Promise<FaultRunReport> {
  const server = await KillableServer.start()
  const proxy = await FaultProxy.start({ port: server.port })
  const run = new FaultRun(options, server, proxy)
  try {
    return await unlessStuck(patienceMs, () => run.describe(), run.complete())
  } finally {
    await run.close()
    await proxy.close()
    await server.close()
  }
}

class FaultRun {
  readonly #options: FaultRunOptions
  readonly #server: KillableServer
  readonly #proxy: FaultProxy
  readonly #random: SeededRandom
  readonly #streams: readonly StreamName[]
  readonly #followers: readonly Follower[]
  readonly #stores: EventStore[] = []
  readonly #progress = new Progress()
  readonly #acknowledged: Acknowledged[] = []
  readonly #failures: string[] = []
  readonly #writing = new AbortController()
  readonly #busy = new Set<string>()

  constructor(options: FaultRunOptions, server: KillableServer, proxy: FaultProxy) {
    this.#options = options
    this.#server = server
    this.#proxy = proxy
    this.#random = new SeededRandom(options.seed)
    this.#streams = Array.from({ length: options.writers }, (_, writer) => streamOf(writer))
    this.#followers = followersOf(this.#streams)
  }

  async complete(): Promise<FaultRunReport> {
    const startedAt = performance.now()
    const { seed, writers, eventsPerWriter } = this.#options
    const plan = drawPlan(this.#random, { ...this.#options, events: writers * eventsPerWriter })
    const player = new FaultPlayer({
      server: this.#server,
      proxy: this.#proxy,
      progress: this.#progress,
      hearsOfNews: (since) => this.#hearOfNews(since),
      onFault: (fault) => this.#options.onFault?.(fault, this.#progress.count),
    })
    const following = this.#follow()
    await Promise.all([this.#write(), this.#while('faults', player.play(plan))])
    await this.#while('farewell', this.#sayFarewell())
    const log = await this.#while('reading the log', readLog(this.#server.url))
    await this.#everybodyHasAll(log)
    for (const follower of this.#followers) follower.stop()
    await following
    return {
      seed,
      ...player.played,
      events: log.length,
      mistakes: [
        ...this.#failures,
        ...checkLog(log, this.#acknowledged),
        ...this.#followers.flatMap((follower) => checkFollower(follower, log)),
      ],
      deaths: this.#followers.reduce((sum, { deaths }) => sum + deaths, 0),
      seconds: (performance.now() - startedAt) / 1000,
      backAfterMs: player.backAfterMs,
    }
  }

  /** Says how far everybody is. */
  describe(): string {
    const received = this.#followers.map(({ name, received: { length } }) => `${length} ${name}`)
    return `${this.#progress.count} events acknowledged; received ${received.join(', ')}; busy: ${[...this.#busy].join(', ')}`
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()))
  }

  #open(timeoutMs: number): EventStore {
    const connectionString = `esdb://127.0.0.1:${this.#proxy.port}?tls=false`
    const store = new EventStoreDBEventStore({ connectionString, timeoutMs })
    this.#stores.push(store)
    return store
  }

  async #write(): Promise<void> {
    const stores = [this.#open(timeouts.hastyMs), this.#open(timeouts.patientMs)]
    await Promise.all(
      this.#streams.map(async (stream, writer) => {
        const writing = write({
          store: stores[writer % stores.length] as EventStore,
          stream,
          events: this.#options.eventsPerWriter,
          random: new SeededRandom(this.#random.integer(0, 2 ** 32 - 1)),
          ids: new SequentialIds(writer * 1_000_000),
          isShared: this.#streams.filter((other) => other === stream).length > 1,
          onAcknowledged: (append) => this.#acknowledge(append),
        })
        const name = `writer ${writer} of "${stream}"`
        await this.#while(name, writing).catch(this.#failed(name))
      }),
    )
    this.#progress.finish()
    this.#writing.abort()
  }

  /** Appends an event for every subscriber, past the proxy: whatever comes late comes before it. */
  async #sayFarewell(): Promise<void> {
    const stream = sharedStream(this.#streams)
    const ids = new SequentialIds(this.#streams.length * 1_000_000)
    const store = new EventStoreDBEventStore({ connectionString: this.#server.url })
    const events = types.map((type) => ({ id: ids.next(), type, data: {}, metadata: {} }))
    const done = await store.append(stream, events, { expected: 'any' })
    this.#acknowledge({ stream, ...done, ids: events.map(({ id }) => id) })
    await store.close()
  }

  #acknowledge(append: Acknowledged): void {
    this.#acknowledged.push(append)
    this.#progress.add(append.ids.length)
  }

  async #follow(): Promise<void> {
    const random = new SeededRandom(this.#random.integer(0, 2 ** 32 - 1))
    const shared = this.#open(timeouts.hastyMs)
    await Promise.all(
      this.#followers.map(async (follower, index) => {
        const isLast = index === this.#followers.length - 1
        const following = isLast
          ? follower.followAndDie(() => this.#open(timeouts.patientMs), random)
          : follower.follow(shared)
        const name = `subscriber ${follower.name}`
        await this.#while(name, following).catch(this.#failed(name))
      }),
    )
  }

  /** Ends early when nobody writes any more: then there are no news. */
  async #hearOfNews(since: number): Promise<readonly number[]> {
    const times = await Promise.allSettled(
      this.#followers.map(async (follower) => {
        const first = await follower.has(
          ({ recordedAt }) => recordedAt >= since,
          this.#writing.signal,
        )
        return first.receivedAt - since
      }),
    )
    return times.flatMap((time) => (time.status === 'fulfilled' ? [time.value] : []))
  }

  /** Gives up after a while: what is missing then is told as a mistake. */
  async #everybodyHasAll(log: readonly Logged[]): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs)
    await Promise.allSettled(
      this.#followers.map((follower) => {
        const last = log.findLast((event) => isSelected(event, follower.selection))
        return follower.has(({ id }) => id === last?.id, signal)
      }),
    )
  }

  async #while<T>(name: string, work: Promise<T>): Promise<T> {
    this.#busy.add(name)
    try {
      return await work
    } finally {
      this.#busy.delete(name)
    }
  }

  #failed(subject: string): (failure: unknown) => void {
    return (failure) => void this.#failures.push(`The ${subject} failed: ${inspect(failure)}`)
  }
}

/** Of ten writers the last three share a stream. */
function streamOf(writer: number): StreamName {
  const id = writer - Math.max(0, (writer % 10) - 7)
  return streamName(id % 2 === 0 ? 'even' : 'odd', String(id))
}

function sharedStream(streams: readonly StreamName[]): StreamName {
  return streams.findLast((stream) => stream.startsWith('odd-')) ?? streamName('odd', '7')
}

function followersOf(streams: readonly StreamName[]): readonly Follower[] {
  const [red, green, blue] = types
  return [
    new Follower('of all types', { types: [red, green, blue] }),
    new Follower('of two types', { types: [red, blue] }),
    new Follower('of one category', { streamPrefixes: ['odd-'] }),
    new Follower('of one stream', { stream: sharedStream(streams) }),
    new Follower('that dies again and again', { types: [green, blue] }),
  ]
}
