import { Account } from '../../../examples/quickstart/src/account.ts'
import { Balances, GetBalanceHandler } from '../../../examples/quickstart/src/balances.ts'

// #region real-servers
import { createApplication } from 'varve'

export const open = () =>
  createApplication({
    definitions: [Account, Balances, GetBalanceHandler],
    eventStore: process.env.VARVE_EVENTSTOREDB_URL,
    readModels: process.env.VARVE_MONGODB_URL,
  })
// #endregion real-servers
