import type { Generation } from '../../read-model/generation.ts'
import type { StoredDocument } from '../../read-model/read-model-store.ts'
import type { FoldPlanner } from '../fold/fold-plan.ts'
import { openGenerations } from '../generations.ts'
import { type BuildOptions, fillGeneration } from './build-generation.ts'
import { catchUp } from './catch-up.ts'
import { compareDocuments, type Comparison, type Expectation, idsIn } from './compare-documents.ts'
import { compareVersions } from './compare-versions.ts'
import { KeyFold } from './key-fold.ts'
import { ProgressMeter } from './rebuild-progress.ts'
import { dropTarget } from './rebuild-target.ts'

/** What a dry run found. */
export interface VerifyResult extends Comparison {
  /** Events that were folded. */
  readonly events: number
  readonly durationMs: number
}

/** How a dry run is done. */
export interface VerifyOptions extends Omit<BuildOptions, 'isTrial' | 'keepsAfter' | 'isFresh'> {
  /** Ids of the documents it is about. Undefined: all. */
  readonly keys: readonly string[] | undefined
  /** Most differences to tell of. */
  readonly limit: number
}

/**
 * Folds everything again beside what readers see, compares the two, and drops what it folded. Of some documents only,
 * it folds in memory.
 */
export function verifyProjection(options: VerifyOptions): Promise<VerifyResult> {
  const { keys } = options
  return keys ? verifyKeys(options, keys) : verifyAll(options)
}

function verifyAll(options: VerifyOptions): Promise<VerifyResult> {
  const { definition, ports, tuning } = options
  const { readModels } = ports
  const building = { ...options, isTrial: true, isFresh: true, keepsAfter: () => false }
  return fillGeneration(building, async (filled) => {
    const { generation, meter } = filled
    const compared = await compare(
      options,
      {
        catchUp: () => filled.catchUp(-1n, 'comparing'),
        load: (model, ids) => readModels.load(generation, model, ids),
        ids: (model) => idsIn(readModels, generation, model),
        isWhole: true,
      },
      generation,
    )
    await dropTarget({ definition, ports, leaseMs: tuning.leaseMs }, generation)
    meter.advance(0, undefined, 'done')
    return { ...compared, events: meter.events, durationMs: meter.elapsedMs }
  })
}

async function verifyKeys(options: VerifyOptions, keys: readonly string[]): Promise<VerifyResult> {
  const { definition, planner, ports, onProgress } = options
  const fold = new KeyFold(definition, planner, keys)
  const meter = await ProgressMeter.start(definition.name, ports, onProgress)
  const advance = (): Promise<void> => readOn(options, planner, fold, meter)
  await advance()
  const compared = await compare(options, {
    catchUp: advance,
    load: (model, ids) => Promise.resolve(loaded(fold, model.name, ids)),
    ids: () => pageOf(fold.ids),
    isWhole: false,
  })
  meter.advance(0, undefined, 'done')
  return { ...compared, events: fold.events, durationMs: meter.elapsedMs }
}

async function compare(
  { definition, ports, limit, signal }: VerifyOptions,
  expectation: Expectation,
  built?: Generation,
): Promise<Comparison> {
  const { readModels: store } = ports
  const active = (await openGenerations(store, definition)).active as Generation
  const options = { definition, store, active, expectation, limit, signal }
  const documents = await compareDocuments(options)
  if (!built) return { ...documents, versions: 0 }
  const left = limit - documents.differences.length
  const past = await compareVersions({ ...options, built, limit: left })
  return {
    documents: documents.documents,
    versions: past.versions,
    differing: documents.differing + past.differing,
    differences: [...documents.differences, ...past.differences],
    unsettled: documents.unsettled + past.unsettled,
  }
}

async function readOn(
  { definition, ports, batchSize, signal }: VerifyOptions,
  planner: FoldPlanner,
  fold: KeyFold,
  meter: ProgressMeter,
): Promise<void> {
  await catchUp({
    projection: definition.name,
    eventStore: ports.eventStore,
    types: planner.types,
    after: fold.position < 0n ? undefined : fold.position,
    batchSize,
    signal,
    onBatch: ({ events, position }) => {
      fold.apply(events)
      fold.position = position ?? fold.position
      meter.advance(events.length, position, 'comparing')
      return Promise.resolve(true)
    },
  })
}

function loaded(
  fold: KeyFold,
  model: string,
  ids: readonly string[],
): ReadonlyMap<string, StoredDocument> {
  const found = new Map<string, StoredDocument>()
  for (const id of ids) {
    const document = fold.load(model, id)
    if (document) found.set(id, document)
  }
  return found
}

async function* pageOf(ids: readonly string[]): AsyncGenerator<readonly string[], void, undefined> {
  yield ids
}
