import {
  collectionName,
  type DocumentWrite,
  type Generation,
  type ReadModelCommit,
  type ReadModelDefinition,
} from '@varve/core'
import { checkDocument } from './check-document.ts'

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
