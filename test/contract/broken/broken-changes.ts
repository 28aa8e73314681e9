import type { ReadModelChange, ReadModelChanges } from '@varve/core'
import type { BrokenStore } from './broken-store.ts'

/** A feed whose watches tell something else than they should. */
function telling(
  changes: ReadModelChanges,
  tell: (told: readonly ReadModelChange[]) => readonly ReadModelChange[],
): Partial<ReadModelChanges> {
  return {
    watch: (models, listener) =>
      changes.watch(models, {
        onState: (state, error) => listener.onState(state, error),
        onChanges: (told) => {
          const left = tell(told)
          if (left.length > 0) listener.onChanges(left)
        },
      }),
  }
}

const isOfDocument = ({ kind }: ReadModelChange): boolean => kind === 'document'

/** Faults of what tells changes of read models. */
export const brokenChanges: readonly BrokenStore<ReadModelChanges>[] = [
  {
    fault: 'begins to watch only after it has said so',
    caughtBy: 'watch misses nothing that is committed once it is open',
    breaks: (changes) => ({
      watch: async (models, listener) => {
        const late = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() =>
          changes.watch(models, listener),
        )
        return { source: 'late', close: async () => (await late)?.close() }
      },
    }),
  },
  {
    fault: 'forgets every tenth change',
    caughtBy: 'watch tells of every document of many commits',
    breaks: (changes) => {
      let count = 0
      return telling(changes, (told) => told.filter(() => (count += 1) % 10 > 0))
    },
  },
  {
    fault: 'tells the newest watch only',
    caughtBy: 'watch tells each of several watches',
    breaks: (changes) => {
      let newest = 0
      return {
        watch: (models, listener) => {
          const own = (newest += 1)
          return changes.watch(models, {
            onState: (state, error) => listener.onState(state, error),
            onChanges: (told) => {
              if (own === newest) listener.onChanges(told)
            },
          })
        },
      }
    },
  },
  {
    fault: 'does not tell of generations',
    caughtBy: 'watch tells when generations are saved',
    breaks: (changes) => telling(changes, (told) => told.filter(isOfDocument)),
  },
  {
    fault: 'tells a position it does not know',
    caughtBy:
      'watch tells of a document that is written, with its position where it is told at all',
    breaks: (changes) =>
      telling(changes, (told) =>
        told.map((change) => (change.kind === 'document' ? { ...change, position: 0n } : change)),
      ),
  },
  {
    fault: 'tells of a generation nobody sees',
    caughtBy: 'watch tells nothing of a generation that is not watched',
    breaks: (changes) => ({
      watch: (models, listener) =>
        changes.watch(
          models.flatMap(({ model, generation }) => [
            { model, generation },
            { model, generation: { ...generation, number: 2 } },
          ]),
          listener,
        ),
    }),
  },
  {
    fault: 'watches the first of several models',
    caughtBy: 'watch watches several models at once, each under its own name',
    breaks: (changes) => ({
      watch: (models, listener) => changes.watch(models.slice(0, 1), listener),
    }),
  },
  {
    fault: 'goes on telling after it was closed',
    caughtBy: 'watch tells nothing once it is closed, and may be closed again',
    breaks: (changes) => ({
      watch: async (models, listener) => {
        const watch = await changes.watch(models, listener)
        return watch && { source: watch.source, close: async () => undefined }
      },
    }),
  },
  {
    fault: 'takes every error for a server that is away',
    caughtBy: 'isUnavailable does not take any error for a server that was not reached',
    breaks: () => ({ isUnavailable: () => true }),
  },
]
