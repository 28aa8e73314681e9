import type { CircuitBreaker } from '../../circuit-breaker/circuit-breaker.ts'
import type { Generation } from '../../read-model/generation.ts'
import type { SlotRange } from '../../read-model/slots.ts'
import type { EventWriter } from './event-writer.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { HaltingWriter } from './halting-writer.ts'
import { HoldingWriter } from './holding-writer.ts'
import type { ProjectionErrorPolicy } from '../projection-definition.ts'
import type { ProjectionHandlerError } from '../projection-errors.ts'
import type { ProjectionMeter } from '../projection-meter.ts'
import type { ProjectionPorts, ProjectionTuning } from '../projection-ports.ts'
import type { DocumentSeeds } from './seeding.ts'
import { SegmentWriter } from './segment-writer.ts'

/** What {@link openWriter} needs. */
export interface OpenWriterOptions {
  readonly generation: Generation
  readonly planner: FoldPlanner
  readonly ports: ProjectionPorts
  readonly tuning: Required<ProjectionTuning>
  readonly meter: ProjectionMeter
  readonly circuit: CircuitBreaker
  readonly onError: ProjectionErrorPolicy
  /** Hears of an event that failed and is tried again before anything else. */
  readonly onRetry: (error: ProjectionHandlerError) => void
  /** Default: all. */
  readonly slots?: SlotRange
  /** Documents that need not be folded from their first event. Default none. */
  readonly seeds?: DocumentSeeds
}

/** Takes a segment over, with the policy for events that fail. */
export async function openWriter(options: OpenWriterOptions): Promise<EventWriter> {
  const { generation, planner, ports, tuning, meter, circuit, slots, seeds } = options
  const { onError, onRetry } = options
  const segment = await SegmentWriter.open({
    generation,
    planner,
    store: ports.readModels,
    meter,
    circuit,
    ...(slots && { slots }),
    ...(seeds && { seeds }),
  })
  if (onError === 'halt')
    return new HaltingWriter(segment, { delaysMs: tuning.retryDelaysMs, onRetry })
  return HoldingWriter.open(segment, {
    deadLetters: ports.readModels.deadLetters,
    delaysMs: tuning.retryDelaysMs,
    maxDeadLetters: tuning.maxDeadLetters,
    meter,
    logger: ports.logger,
  })
}
