import { setTimeout } from 'node:timers/promises'
import type { FaultProxy } from '@varve/testing'
import type { Episode, PlannedFault } from './fault-plan.ts'
import type { KillableServer } from './killable-server.ts'
import type { Progress } from './progress.ts'

/** What a {@link FaultPlayer} breaks, and by what it tells when. */
export interface FaultPlayerOptions {
  readonly server: KillableServer
  readonly proxy: FaultProxy
  readonly progress: Progress
  /** Waits until every subscriber has received an event recorded after a time; returns how long each took. */
  readonly hearsOfNews: (since: number) => Promise<readonly number[]>
  readonly onFault: (fault: PlannedFault) => void
}

/** Plays a plan of faults, episode by episode. */
export class FaultPlayer {
  readonly #options: FaultPlayerOptions
  /** How many faults of each kind were played. */
  readonly played = { cuts: 0, kills: 0, blackHoles: 0 }
  /** How long each subscriber took to be back after a kill, from the server listening, in milliseconds. */
  readonly backAfterMs: number[] = []

  constructor(options: FaultPlayerOptions) {
    this.#options = options
  }

  async play(plan: readonly Episode[]): Promise<void> {
    const { progress, hearsOfNews } = this.#options
    for (const { afterEvents, faults, endsQuietly } of plan) {
      await progress.reaches(progress.count + afterEvents)
      await Promise.all(faults.map((fault) => this.#inject(fault)))
      if (endsQuietly) this.backAfterMs.push(...(await hearsOfNews(Date.now())))
    }
  }

  async #inject(fault: PlannedFault): Promise<void> {
    await setTimeout(fault.afterMs)
    this.#options.onFault(fault)
    switch (fault.kind) {
      case 'cut': {
        this.played.cuts += 1
        this.#options.proxy.cut()
        return
      }
      case 'black hole': {
        this.played.blackHoles += 1
        this.#options.proxy.blackHole()
        await setTimeout(fault.lastsMs)
        this.#options.proxy.heal()
        return
      }
      case 'kill': {
        this.played.kills += 1
        await this.#options.server.kill()
        await setTimeout(fault.lastsMs)
        await this.#options.server.start()
        return
      }
    }
  }
}
