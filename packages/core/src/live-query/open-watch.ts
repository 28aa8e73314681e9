import type { ReadModelRoute } from '../model/application-model.ts'
import { openGenerations } from '../projection/generations.ts'
import { collectionName, type Generation } from '../read-model/generation.ts'
import type { Checkpoint, ReadModelStore } from '../read-model/read-model-store.ts'
import { CheckpointPoll } from './checkpoint-poll.ts'
import type {
  ReadModelChangeListener,
  ReadModelChanges,
  ReadModelWatch,
  WatchedReadModel,
} from './read-model-changes.ts'

/** Where changes are watched. */
export interface WatchPorts {
  readonly store: ReadModelStore
  /** Undefined: the store cannot tell. */
  readonly changes: ReadModelChanges | undefined
  /** How often checkpoints are looked at where the store cannot tell, in milliseconds. */
  readonly pollMs: number
}

/** The generations readers see, by projection. */
export type ActiveGenerations = ReadonlyMap<string, Generation>

/** A watch over the generations that readers see. */
export interface OpenWatch {
  readonly watch: ReadModelWatch
  readonly generations: ActiveGenerations
  /** Names of the read models by collection. */
  readonly models: ReadonlyMap<string, string>
  /** Notes a commit of this process, where that spares work. */
  noteOwn(checkpoint: Checkpoint): void
}

/** Reads which generations readers see. */
export async function activeGenerations(
  store: ReadModelStore,
  routes: readonly ReadModelRoute[],
): Promise<ActiveGenerations> {
  const generations = new Map<string, Generation>()
  for (const { projection } of routes)
    if (!generations.has(projection.name)) {
      const { active } = await openGenerations(store, projection)
      generations.set(projection.name, active as Generation)
    }
  return generations
}

/** Tells whether readers see the same generations. */
export function areSame(one: ActiveGenerations, other: ActiveGenerations): boolean {
  return [...one].every(([name, { number }]) => other.get(name)?.number === number)
}

/** Watches what readers see by the time the watch is open. */
export async function openWatch(
  ports: WatchPorts,
  routes: readonly ReadModelRoute[],
  listener: (models: ReadonlyMap<string, string>) => ReadModelChangeListener,
): Promise<OpenWatch> {
  for (;;) {
    const generations = await activeGenerations(ports.store, routes)
    const watched = routes.map(({ model, projection }) => {
      const generation = generations.get(projection.name) as Generation
      return { model, generation }
    })
    const models = new Map(
      watched.map(({ model, generation }) => [collectionName(model, generation), model.name]),
    )
    const opened = await open(ports, watched, listener(models))
    try {
      // A switch before the watch was open is told to nobody.
      if (areSame(generations, await activeGenerations(ports.store, routes)))
        return { ...opened, generations, models }
    } catch (error) {
      await opened.watch.close()
      throw error
    }
    await opened.watch.close()
  }
}

async function open(
  { store, changes, pollMs }: WatchPorts,
  models: readonly WatchedReadModel[],
  listener: ReadModelChangeListener,
): Promise<Pick<OpenWatch, 'watch' | 'noteOwn'>> {
  const watch = await changes?.watch(models, listener)
  if (watch) return { watch, noteOwn: () => undefined }
  const poll = await CheckpointPoll.open({ store, intervalMs: pollMs }, models, listener)
  return { watch: poll, noteOwn: (checkpoint) => poll.noteOwn(checkpoint) }
}
