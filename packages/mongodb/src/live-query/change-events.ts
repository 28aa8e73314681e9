import type { ReadModelChange } from '@varve/core'
import type { Document } from 'mongodb'
import { generationCollection } from '../generation/generation-records.ts'

/** What is read of an event of a change stream. */
export interface ChangeEvent extends Document {
  readonly operationType: string
  readonly ns?: { readonly coll?: string }
  readonly documentKey?: { readonly _id: unknown }
  readonly fullDocument?: { readonly _meta?: { readonly position?: unknown } }
  readonly updateDescription?: { readonly updatedFields?: Document }
}

/**
 * The stages behind `$changeStream`: which events are wanted, and what of them. Documents stay on the server, but for
 * their position.
 */
export function changePipeline(collections: Iterable<string>): Document[] {
  const operations = ['insert', 'update', 'replace', 'delete', 'drop', 'rename']
  return [
    {
      $match: {
        'ns.coll': { $in: [...collections, generationCollection] },
        operationType: { $in: operations },
      },
    },
    {
      $project: {
        operationType: 1,
        'ns.coll': 1,
        documentKey: 1,
        'fullDocument._meta.position': 1,
        'updateDescription.updatedFields': 1,
      },
    },
  ]
}

/** Turns an event into a change. Undefined: it says nothing of use. */
export function toChange(event: ChangeEvent): ReadModelChange | undefined {
  const collection = event.ns?.coll
  const id = event.documentKey?._id
  if (collection === undefined) return undefined
  if (collection === generationCollection)
    return typeof id === 'string' ? { kind: 'generations', projection: id } : undefined
  return typeof id === 'string'
    ? { kind: 'document', collection, id, position: positionIn(event) }
    : { kind: 'collection', collection }
}

function positionIn({ fullDocument, updateDescription }: ChangeEvent): bigint | undefined {
  const fields = updateDescription?.updatedFields
  const meta = fields?.['_meta'] as { readonly position?: unknown } | undefined
  const found = [fullDocument?._meta?.position, meta?.position, fields?.['_meta.position']]
  return found.find((position): position is bigint => typeof position === 'bigint')
}
