import { Charge, ChargeHandler, Invoice } from './charging.ts'
// #region middleware
import { CircuitBreaker, circuitAroundCommands, createApplication } from 'varve'

const bank = new CircuitBreaker({
  name: 'bank',
  isFailure: (error) => error instanceof TypeError, // what fetch throws when nobody answers
})

export const app = await createApplication({
  definitions: [Invoice, ChargeHandler],
  eventStore: 'memory:',
  readModels: 'memory:',
  middleware: [circuitAroundCommands(bank, [Charge])],
})
// #endregion middleware
