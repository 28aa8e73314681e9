import type { StreamAdministration } from '@varve/core'
import type { ContractSuite } from '../contract/contract-case.ts'
import { deleteCases, tombstoneCases } from './deletion-cases.ts'
import { readSettingsCases, setSettingsCases } from './settings-cases.ts'
import type { StreamAdministrationSubject } from './stream-administration-subject.ts'

/** What every {@link StreamAdministration} promises. */
export const streamAdministrationContract = {
  readStreamSettings: readSettingsCases,
  setStreamSettings: setSettingsCases,
  deleteStream: deleteCases,
  tombstoneStream: tombstoneCases,
} satisfies ContractSuite<StreamAdministration, StreamAdministrationSubject>
