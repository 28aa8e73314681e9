import type { EventStore } from '@varve/core'
import type { ContractSuite } from '../contract/contract-case.ts'
import { appendCases } from './append-cases.ts'
import { closeCases } from './close-cases.ts'
import type { EventStoreSubject } from './event-store-subject.ts'
import { payloadCases } from './payload-cases.ts'
import { readAllCases } from './read-all-cases.ts'
import { readStreamCases } from './read-stream-cases.ts'
import { retryCases } from './retry-cases.ts'
import { subscribeCases } from './subscribe-cases.ts'

/** What every {@link EventStore} promises. */
export const eventStoreContract = {
  append: [...appendCases, ...retryCases, ...payloadCases],
  readStream: readStreamCases,
  readAll: readAllCases,
  subscribe: subscribeCases,
  close: closeCases,
} satisfies ContractSuite<EventStore, EventStoreSubject>
