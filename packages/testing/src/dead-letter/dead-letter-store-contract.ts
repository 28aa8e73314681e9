import type { DeadLetterStore } from '@varve/core'
import type { ContractSuite } from '../contract/contract-case.ts'
import type { DeadLetterStoreSubject } from './dead-letter-store-subject.ts'
import { countCases, headsCases, listCases, queueCases } from './read-letters-cases.ts'
import {
  clearCases,
  discardCases,
  putCases,
  removeCases,
  retryCases,
} from './write-letters-cases.ts'

/** What every {@link DeadLetterStore} promises. */
export const deadLetterStoreContract = {
  list: listCases,
  count: countCases,
  heads: headsCases,
  queue: queueCases,
  put: putCases,
  remove: removeCases,
  retry: retryCases,
  discard: discardCases,
  clear: clearCases,
} satisfies ContractSuite<DeadLetterStore, DeadLetterStoreSubject>
