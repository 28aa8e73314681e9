import type { RecordedEvent } from '../../event-store/recorded-event.ts'
import { lowestPosition } from '../follow/follow-log.ts'
import { isShareable, type ProjectionDefinition } from '../projection-definition.ts'
import { ProjectionHaltedError } from '../projection-errors.ts'
import { segmentsOf } from '../share/segment-shaper.ts'
import type { EventWriter } from '../write/event-writer.ts'
import { openWriter, type OpenWriterOptions } from '../write/open-writer.ts'

const neverRaised = new AbortController().signal

/** Writes a whole generation, which nobody else writes: all its segments side by side. */
export class GenerationWriters {
  readonly writers: readonly EventWriter[]

  private constructor(writers: readonly EventWriter[]) {
    this.writers = writers
  }

  /** Takes every segment over. */
  static async open(options: Omit<OpenWriterOptions, 'slots'>): Promise<GenerationWriters> {
    const segments = await segmentsOf(options.ports.readModels, options.generation)
    return new GenerationWriters(
      await Promise.all(segments.map((slots) => openWriter({ ...options, slots }))),
    )
  }

  /** Everything up to here is in the generation. Undefined: nothing yet. */
  get position(): bigint | undefined {
    return lowestPosition(this.writers)
  }

  /** Writes a batch into all segments; fails with what an event failed with. */
  async write(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    const outcomes = await Promise.allSettled(
      this.writers.map(async (writer) => {
        await writer.write(events, position, neverRaised)
        if (writer.choreAt !== undefined && writer.choreAt <= Date.now()) await writer.doChores()
      }),
    )
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') {
        const reason: unknown = outcome.reason
        throw reason instanceof ProjectionHaltedError ? reason.cause : reason
      }
  }

  /**
   * Stores the whole documents of the streams of events, and moves on to a position.
   *
   * @returns False: not all of them can be had without the log.
   */
  async seed(events: readonly RecordedEvent[], position: bigint): Promise<boolean> {
    let isWhole = true
    for (const { segment } of this.writers)
      isWhole = (await segment.seed(events, position)) && isWhole
    return isWhole
  }
}

/** Splits a generation nobody has written yet, so that this many writers work on it. */
export async function partition(
  { ports, generation }: Pick<OpenWriterOptions, 'ports' | 'generation'>,
  definition: ProjectionDefinition,
  partitions: number,
): Promise<void> {
  if (!isShareable(definition)) return
  const { readModels } = ports
  for (;;) {
    const segments = await segmentsOf(readModels, generation)
    const [largest] = segments.toSorted((a, b) => b.last - b.first - (a.last - a.first))
    if (segments.length >= partitions || !largest || largest.first === largest.last) return
    await readModels.split(generation, await readModels.takeCheckpoint(generation, largest))
  }
}
