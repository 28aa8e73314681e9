import { checkUpdate, type DocumentUpdate, type StoredDocument } from '@varve/core'
import { copyDocument, newNotes } from '../copy-document.ts'
import type { PreparedWrite } from '../in-memory-collection.ts'
import { refuseUnstorable, toRow } from '../read-model-row.ts'
import { applyUpdate } from './apply-update.ts'

/** Where updates are prepared. */
export interface UpdateScope {
  /** What is stored, as a copy. */
  readonly load: (update: DocumentUpdate) => StoredDocument | undefined
  readonly now: Date
}

interface Draft {
  readonly first: DocumentUpdate
  stored: StoredDocument | undefined
  isChanged: boolean
}

/**
 * Works out what updates make of their documents, one write for each that changes; applies none.
 *
 * @throws {DocumentRefusedError} An update, or what it makes, cannot be stored.
 */
export function prepareUpdates(
  updates: readonly DocumentUpdate[],
  scope: UpdateScope,
): readonly PreparedWrite[] {
  const drafts = new Map<string, Draft>()
  for (const update of updates) {
    checkUpdate(update)
    const own = copyUpdate(update)
    const key = `${own.model.name}\0${own.id}`
    let draft = drafts.get(key)
    if (!draft) drafts.set(key, (draft = { first: own, stored: scope.load(own), isChanged: false }))
    apply(draft, own, scope)
  }
  return [...drafts.values()].filter(({ isChanged }) => isChanged).map(toWrite)
}

/** The caller may change its operators later. */
function copyUpdate(update: DocumentUpdate): DocumentUpdate {
  const notes = newNotes()
  const copy = copyDocument(update.update, notes)
  if (notes.hasUnstorable) refuseUnstorable(update.model.name, update.id, update.update)
  return { ...update, update: copy }
}

function apply(draft: Draft, update: DocumentUpdate, { now }: UpdateScope): void {
  const { stored } = draft
  const { position } = update
  if (stored && stored.position >= position) return
  const events = (stored?.events ?? 0) + 1
  draft.stored = { document: applyUpdate(update, stored?.document, now), position, events }
  draft.isChanged = true
}

function toWrite({ first: { model, id }, stored }: Draft): PreparedWrite {
  const { document, position, events } = stored as StoredDocument
  const row = document && toRow(model.name, id, document)
  return { model, id, position, events, row, versions: [] }
}
