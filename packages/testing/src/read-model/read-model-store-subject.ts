import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  type Checkpoint,
  type ConsistencyLevel,
  defineReadModel,
  type DocumentVersion,
  type DocumentWrite,
  type Generation,
  type ReadModelCommit,
  type ReadModelDefinition,
  type ReadModelDocument,
  type ReadModelStore,
  type SlotRange,
} from '@varve/core'

/** What read-model stores may do differently. Declared by the adapter, and asserted as declared. */
export interface ReadModelStoreCapabilities {
  /** What the store says of itself here. */
  readonly level: ConsistencyLevel
  /** Most bytes of a document; undefined: some MiB more than 16 must be accepted. */
  readonly maxDocumentBytes: number | undefined
}

/** What a case of the read-model store's contract works on. Names are its own, so cases run side by side. */
export interface ReadModelStoreSubject {
  readonly store: ReadModelStore
  readonly capabilities: ReadModelStoreCapabilities
  /** A projection nobody ever ran. */
  readonly projection: string
  /** Its first generation; not created yet. */
  readonly generation: Generation
  readonly model: ReadModelDefinition
  readonly other: ReadModelDefinition
  /** A model that keeps its history. */
  readonly historical: ReadModelDefinition
  /** All three. */
  readonly models: readonly ReadModelDefinition[]
  /** Opens another store on the same server; the case closes it. */
  readonly open: () => Promise<ReadModelStore>
}

/** What an adapter brings to the contract. */
export interface ReadModelStoreSubjectOptions {
  readonly capabilities: ReadModelStoreCapabilities
  readonly open: () => Promise<ReadModelStore>
}

/** Makes the subject of one case, with fresh names. */
export function readModelStoreSubject(
  store: ReadModelStore,
  { capabilities, open }: ReadModelStoreSubjectOptions,
): ReadModelStoreSubject {
  const projection = `contract_${randomUUID().replaceAll('-', '')}`
  const indexes = [{ keys: { owner: 1 } }, { keys: { balance: -1, owner: 1 } }] as const
  const model = defineReadModel(`${projection}_main`, { indexes })
  const other = defineReadModel(`${projection}_other`)
  const historical = defineReadModel(`${projection}_history`, { indexes, history: true })
  return {
    store,
    capabilities,
    projection,
    generation: { projection, version: 1, number: 1 },
    model,
    other,
    historical,
    models: [model, other, historical],
    open,
  }
}

/** A document as the cases write it. */
export interface Sample extends ReadModelDocument {
  readonly [field: string]: unknown
}

/** Makes the write of a document that was not there before. */
export function writeOf(
  model: ReadModelDefinition,
  document: Sample,
  position: bigint,
  previous?: bigint,
): DocumentWrite {
  return { model, id: document._id, document, position, events: 1, previous, versions: [] }
}

/** Makes the write that deletes a document. */
export function deletionOf(
  model: ReadModelDefinition,
  id: string,
  position: bigint,
  previous: bigint,
): DocumentWrite {
  return { model, id, document: undefined, position, events: 1, previous, versions: [] }
}

/** Makes a write with the versions that led to its document, oldest first. */
export function writeOfVersions(
  model: ReadModelDefinition,
  id: string,
  versions: readonly DocumentVersion[],
  previous?: bigint,
): DocumentWrite {
  const last = versions.at(-1)
  const { document, position = 0n } = last ?? {}
  return { model, id, document, position, events: versions.length, previous, versions }
}

/** The checkpoint of a generation that is one segment; undefined where nobody took it. */
export async function onlyCheckpoint(
  store: ReadModelStore,
  generation: Generation,
): Promise<Checkpoint | undefined> {
  const found = await store.checkpoints(generation)
  assert.ok(found.length <= 1, `the generation has ${found.length} segments`)
  return found[0]
}

/** Runs a projection, or one segment of it, by hand: takes the checkpoint, and moves it from commit to commit. */
export class SampleRunner {
  readonly #subject: ReadModelStoreSubject
  checkpoint: Checkpoint

  private constructor(subject: ReadModelStoreSubject, checkpoint: Checkpoint) {
    this.#subject = subject
    this.checkpoint = checkpoint
  }

  /** Creates the generation and takes it over. */
  static async start(subject: ReadModelStoreSubject): Promise<SampleRunner> {
    await subject.store.create(subject.generation, subject.models)
    return new SampleRunner(subject, await subject.store.takeCheckpoint(subject.generation))
  }

  /** Takes one segment over. */
  static async take(subject: ReadModelStoreSubject, slots: SlotRange): Promise<SampleRunner> {
    return new SampleRunner(subject, await subject.store.takeCheckpoint(subject.generation, slots))
  }

  /** Commits and moves the checkpoint, by default to the highest position written. */
  async commit(writes: readonly DocumentWrite[], to?: bigint): Promise<void> {
    const highest = writes.reduce((max, { position }) => (position > max ? position : max), 0n)
    await this.commitWith({ writes }, to ?? highest)
  }

  /** Commits more than documents. */
  async commitWith(
    commit: Partial<Omit<ReadModelCommit, 'generation' | 'from' | 'position'>>,
    position: bigint,
  ): Promise<void> {
    const { store, generation } = this.#subject
    const from = this.checkpoint
    this.checkpoint = await store.commit({ writes: [], ...commit, generation, from, position })
  }
}
