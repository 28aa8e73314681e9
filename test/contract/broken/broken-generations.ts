import {
  collectionName,
  type GenerationRecord,
  type ReadModelDefinition,
  type ReadModelStore,
} from '@varve/core'
import type { BrokenStore } from './broken-store.ts'
import { EpochShifts } from './epoch-shifts.ts'

/** Faults in generations and checkpoints. */
export const brokenGenerations: readonly BrokenStore<ReadModelStore>[] = [
  {
    fault: 'promises another level than it keeps',
    caughtBy: 'level says what it can promise, each time the same',
    breaks: () => ({ level: async () => 'idempotent' }),
  },
  {
    fault: 'lets the last writer of the generations win',
    caughtBy: 'saveGenerations refuses a record made from another revision and saves nothing',
    breaks: (store) => ({
      saveGenerations: async (record) => {
        const revision = (await store.generations(record.projection))?.revision ?? 0
        await store.saveGenerations({ ...record, revision: revision + 1 }, revision)
      },
    }),
  },
  {
    fault: 'looks at the generations before it saves, not while it saves',
    caughtBy: 'saveGenerations lets one of many racing writers win',
    breaks: (store) => {
      const records = new Map<string, GenerationRecord>()
      return {
        generations: async (projection) => records.get(projection),
        saveGenerations: async (record, expectedRevision) => {
          const found = records.get(record.projection)?.revision ?? 0
          if (found !== expectedRevision) await store.saveGenerations(record, -1)
          await Promise.resolve()
          records.set(record.projection, record)
        },
      }
    },
  },
  {
    fault: 'switches without a look at what readers leave',
    caughtBy: 'saveGenerations refuses a switch after what readers leave was taken over again',
    breaks: (store) => ({
      saveGenerations: (record, expectedRevision) =>
        store.saveGenerations(record, expectedRevision),
    }),
  },
  {
    fault: 'looks who took what readers leave, but not whether it has moved',
    caughtBy: 'saveGenerations refuses a switch after what readers leave has moved on',
    breaks: (store) => ({
      saveGenerations: async (record, expectedRevision, left) => {
        if (!left) return store.saveGenerations(record, expectedRevision)
        const found = await store.checkpoints(left.generation)
        const checkpoints = left.checkpoints.map((one) => ({
          ...one,
          position: found.find(({ id }) => id === one.id)?.position,
        }))
        return store.saveGenerations(record, expectedRevision, { ...left, checkpoints })
      },
    }),
  },
  {
    fault: 'lets whoever wrote what readers have left go on',
    caughtBy:
      'saveGenerations refuses whoever wrote what readers have left, until it is taken over',
    breaks: (store) => {
      const shifts = new EpochShifts(store)
      return {
        ...shifts.methods,
        saveGenerations: async (record, expectedRevision, left) => {
          await store.saveGenerations(record, expectedRevision, left && shifts.real(left))
          for (const from of left?.checkpoints ?? [])
            await shifts.restart({ generation: left!.generation, from }, from.epoch)
        },
      }
    },
  },
  {
    fault: 'looks at the first segment readers leave only',
    caughtBy: 'saveGenerations switches readers away from every segment, or from none',
    breaks: (store) => ({
      saveGenerations: async (record, expectedRevision, left) => {
        const rest = left?.checkpoints.slice(1) ?? []
        const found = left ? await store.checkpoints(left.generation) : []
        const checkpoints = left?.checkpoints.map((one) =>
          rest.includes(one) ? (found.find(({ id }) => id === one.id) ?? one) : one,
        )
        return left && checkpoints
          ? store.saveGenerations(record, expectedRevision, { ...left, checkpoints })
          : store.saveGenerations(record, expectedRevision)
      },
    }),
  },
  {
    fault: 'forgets the previous generation',
    caughtBy: 'generations returns what was saved',
    breaks: (store) => ({
      generations: async (projection) => {
        const record = await store.generations(projection)
        return record && { ...record, previous: undefined }
      },
    }),
  },
  {
    fault: 'forgets that a projection is paused',
    caughtBy: 'generations returns what was saved',
    breaks: (store) => ({
      generations: async (projection) => {
        const { isPaused: _isPaused, ...record } = (await store.generations(projection)) ?? {}
        return 'revision' in record ? record : undefined
      },
    }),
  },
  {
    fault: 'empties models that exist when they are created again',
    caughtBy: 'create changes nothing where the models exist',
    breaks: (store) => ({
      create: async (generation, models) => {
        await store.drop(generation, models)
        await store.create(generation, models)
      },
    }),
  },
  {
    fault: 'drops nothing',
    caughtBy: 'drop removes documents, history and checkpoint',
    breaks: () => ({ drop: async () => undefined }),
  },
  {
    fault: 'drops the documents but not the checkpoint',
    caughtBy: 'drop refuses the runner that was still at work',
    breaks: (store) => ({
      drop: (generation, models) => store.drop({ ...generation, projection: 'another' }, models),
    }),
  },
  {
    fault: 'drops the checkpoint but not the documents',
    caughtBy: 'drop removes documents, history and checkpoint',
    breaks: (store) => ({ drop: (generation) => store.drop(generation, []) }),
  },
  {
    fault: 'has one build for all generations',
    caughtBy: 'view shows one generation only',
    breaks: (store) => {
      const first = new Map<string, ReadModelDefinition>()
      return {
        view: (generation, model, at) => {
          const name = collectionName(model, { ...generation, number: 1 })
          first.set(name, model)
          return store.view({ ...generation, number: 1 }, model, at)
        },
      }
    },
  },
  {
    fault: 'takes the checkpoint over when it is looked at',
    caughtBy: 'checkpoints returns what was taken and committed, without taking it over',
    breaks: (store) => ({
      checkpoints: async (generation) => {
        const found = await store.checkpoints(generation)
        return Promise.all(found.map(({ slots }) => store.takeCheckpoint(generation, slots)))
      },
    }),
  },
  {
    fault: 'reads positions as JavaScript numbers',
    caughtBy: 'checkpoints keeps positions that no JavaScript number can hold',
    breaks: (store) => ({
      checkpoints: async (generation) => {
        const found = await store.checkpoints(generation)
        return found.map(({ position, ...rest }) => ({
          ...rest,
          position: position === undefined ? undefined : BigInt(Number(position)),
        }))
      },
    }),
  },
  {
    fault: 'does not raise the epoch',
    caughtBy: 'takeCheckpoint raises the epoch and keeps the position',
    breaks: (store) => ({
      takeCheckpoint: async (generation) => {
        const [found] = await store.checkpoints(generation)
        return found ?? store.takeCheckpoint(generation)
      },
    }),
  },
  {
    fault: 'starts from nothing when the checkpoint is taken again',
    caughtBy: 'takeCheckpoint raises the epoch and keeps the position',
    breaks: (store) => ({
      takeCheckpoint: async (generation) => ({
        ...(await store.takeCheckpoint(generation)),
        position: undefined,
      }),
    }),
  },
  {
    fault: 'gives racing runners the same epoch',
    caughtBy: 'takeCheckpoint gives each of many racing runners an epoch of its own',
    breaks: (store) => ({
      takeCheckpoint: async (generation) => {
        const [found] = await store.checkpoints(generation)
        return { ...(await store.takeCheckpoint(generation)), epoch: (found?.epoch ?? 0n) + 1n }
      },
    }),
  },
  {
    fault: 'fails when it is closed again',
    caughtBy: 'close may be called again',
    breaks: () => {
      let isClosed = false
      return {
        close: async () => {
          if (isClosed) throw new Error('closed already')
          isClosed = true
        },
      }
    },
  },
]
