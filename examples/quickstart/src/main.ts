import { createApplication } from 'varve'
import { Account } from './account.ts'
import { Balances, GetBalanceHandler } from './balances.ts'
import { tour } from './tour.ts'

await using app = await createApplication({ definitions: [Account, Balances, GetBalanceHandler] })
await tour(app)
