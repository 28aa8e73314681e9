import type { ReadModelStore } from '@varve/core'
import type { ContractCase, ContractSuite } from '../contract/contract-case.ts'
import { checkpointsCases, takeCheckpointCases } from './checkpoint-cases.ts'
import { commitCases } from './commit-cases.ts'
import {
  createCases,
  dropCases,
  generationsCases,
  levelCases,
  saveGenerationsCases,
} from './generation-cases.ts'
import { deadLettersCases, dropAllCases, letterCommitCases } from './letter-cases.ts'
import { listCases, repairCases } from './list-cases.ts'
import { loadCases } from './load-cases.ts'
import { mergeCases } from './merge-cases.ts'
import { reachesCases } from './history-retention-cases.ts'
import { pastViewCases } from './past-view-cases.ts'
import type { ReadModelStoreSubject } from './read-model-store-subject.ts'
import { splitCases, takeSegmentCases } from './segment-cases.ts'
import { switchCases } from './switch-cases.ts'
import { updateCases } from './update-cases.ts'
import { listVersionsCases, loadVersionsCases } from './version-cases.ts'
import { viewCases } from './view-cases.ts'

const close: readonly ContractCase<ReadModelStoreSubject>[] = [
  {
    name: 'may be called again',
    run: async ({ open }) => {
      const store = await open()
      await store.level()
      await store.close()
      await store.close()
    },
  },
]

/** What every {@link ReadModelStore} promises. */
export const readModelStoreContract = {
  level: levelCases,
  generations: generationsCases,
  saveGenerations: [...saveGenerationsCases, ...switchCases],
  create: createCases,
  drop: [...dropCases, ...dropAllCases],
  checkpoints: checkpointsCases,
  takeCheckpoint: [...takeCheckpointCases, ...takeSegmentCases],
  split: splitCases,
  merge: mergeCases,
  load: loadCases,
  list: listCases,
  listVersions: listVersionsCases,
  loadVersions: loadVersionsCases,
  commit: [...commitCases, ...updateCases, ...letterCommitCases, ...repairCases],
  view: [...viewCases, ...pastViewCases],
  reaches: reachesCases,
  deadLetters: deadLettersCases,
  close,
} satisfies ContractSuite<ReadModelStore, ReadModelStoreSubject>
