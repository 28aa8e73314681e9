import { pause } from '../../bus/pause.ts'
import type { Generation, GenerationRecord } from '../../read-model/generation.ts'
import { openGenerations } from '../generations.ts'
import { codeOf, isBuiltBy } from '../projection-code.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { RebuildLostError, RebuildRunningError } from '../projection-errors.ts'
import type { ProjectionPorts } from '../projection-ports.ts'
import type { BuildResult } from './build-generation.ts'
import { RebuildCancelledError } from './catch-up.ts'
import { ProgressMeter, type RebuildProgress } from './rebuild-progress.ts'

const lookMs = 100

/** What {@link joinRebuild} needs. */
export interface JoinOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly signal: AbortSignal
  readonly onProgress: (progress: RebuildProgress) => void
}

/**
 * Rebuilds, or waits for whoever does so already: here or in another process, the same rebuild is done once. Where the
 * other one dies or gives up, this one goes on.
 *
 * @param rebuild Fails with {@link RebuildRunningError} where another one is at work, or with {@link RebuildLostError}
 *   where another one has taken over; asks, when none is, whether
 *   that one has done it by now.
 * @throws {RebuildRunningError} What is being built is of other code.
 */
export async function joinRebuild(
  options: JoinOptions,
  rebuild: (isDone: () => Promise<BuildResult | undefined>) => Promise<BuildResult>,
): Promise<BuildResult> {
  const { definition, ports, signal, onProgress } = options
  const { active: before } = await openGenerations(ports.readModels, definition)
  let joined: Joined | undefined
  while (!signal.aborted) {
    try {
      return await rebuild(async () => joined?.look(before as Generation))
    } catch (error) {
      if (!isOfAnother(error)) throw error
    }
    joined ??= new Joined(options, await ProgressMeter.start(definition.name, ports, onProgress))
    const built = await joined.look(before as Generation)
    if (built) return built
    await pause(lookMs, signal)
  }
  throw new RebuildCancelledError(definition.name)
}

/** What was lost in a switch has ended; it is for the caller to know. */
function isOfAnother(error: unknown): boolean {
  if (error instanceof RebuildLostError) return error.generation === undefined
  return error instanceof RebuildRunningError
}

/** A rebuild that another one does, as far as it can be seen in the store. */
class Joined {
  readonly #options: JoinOptions
  readonly #meter: ProgressMeter
  #hasBegun = false

  constructor(options: JoinOptions, meter: ProgressMeter) {
    this.#options = options
    this.#meter = meter
  }

  /** Reports how far it is; returns its result when readers see it. */
  async look(before: Generation): Promise<BuildResult | undefined> {
    const { definition, ports } = this.#options
    const record = await openGenerations(ports.readModels, definition)
    const { active, building } = record
    const code = codeOf(definition)
    if (active && active.number > before.number && isBuiltBy(record, active, code)) {
      this.#meter.advance(0, undefined, 'done')
      return { generation: active, events: 0, snapshots: 0, durationMs: this.#meter.elapsedMs }
    }
    if (building && !isBuiltBy(record, building, code))
      throw new RebuildRunningError(definition.name)
    await this.#report(record)
    return undefined
  }

  async #report({ building }: GenerationRecord): Promise<void> {
    if (!building) return
    const positions = (await this.#options.ports.readModels.checkpoints(building)).map(
      ({ position }) => position ?? -1n,
    )
    const reached = positions.toSorted((a, b) => (a < b ? -1 : 1))[0]
    if (reached === undefined || reached < 0n) return
    if (!this.#hasBegun) this.#meter.begin(reached)
    this.#hasBegun = true
    this.#meter.advance(0, reached, 'replaying')
  }
}
