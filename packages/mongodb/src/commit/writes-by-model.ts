import {
  collectionName,
  type DocumentUpdate,
  type DocumentWrite,
  type Generation,
  type ReadModelCommit,
  type ReadModelDefinition,
} from '@varve/core'
import { checkDocument } from './check-document.ts'
import { checkOperators } from './update-operations.ts'

/** The writes of one commit that go into one collection. */
export interface ModelWrites {
  readonly model: ReadModelDefinition
  readonly collection: string
  readonly writes: readonly DocumentWrite[]
}

/**
 * Checks the documents of a commit and groups them by collection.
 *
 * @throws {DocumentTooLargeError}
 * @throws {UnstorableDocumentError}
 */
export function writesByModel({ generation, writes }: ReadModelCommit): readonly ModelWrites[] {
  const groups = new Map<string, DocumentWrite[]>()
  for (const write of writes) {
    check(write)
    const group = groups.get(write.model.name)
    if (group) group.push(write)
    else groups.set(write.model.name, [write])
  }
  return [...groups.values()].map((group) => toModelWrites(generation, group))
}

function toModelWrites(generation: Generation, writes: readonly DocumentWrite[]): ModelWrites {
  const { model } = writes[0] as DocumentWrite
  return { model, collection: collectionName(model, generation), writes }
}

function check({ model, id, document, versions }: DocumentWrite): void {
  if (document) checkDocument(model.name, id, document)
  if (!model.history) return
  for (const version of versions) {
    if (version.document && version.document !== document) {
      checkDocument(model.name, id, version.document)
    }
  }
}

/** The updates of one commit that go into one collection, in their order. */
export interface ModelUpdates {
  readonly model: ReadModelDefinition
  readonly collection: string
  readonly updates: readonly DocumentUpdate[]
}

/**
 * Checks the updates of a commit and groups them by collection.
 *
 * @throws {UpdateRefusedError}
 * @throws {UnstorableDocumentError}
 */
export function updatesByModel({
  generation,
  updates = [],
}: ReadModelCommit): readonly ModelUpdates[] {
  const groups = new Map<ReadModelDefinition, DocumentUpdate[]>()
  for (const one of updates) {
    checkOperators(one)
    const group = groups.get(one.model)
    if (group) group.push(one)
    else groups.set(one.model, [one])
  }
  return Array.from(groups, ([model, group]) => ({
    model,
    collection: collectionName(model, generation),
    updates: group,
  }))
}
