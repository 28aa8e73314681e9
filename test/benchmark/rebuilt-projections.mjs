// Three read models of the same deposits.
import { defineProjection, defineReadModel, on } from '@varve/core'
import { Deposited } from './account.mjs'

const kinds = ['balances', 'counts', 'largest']

export const projectionNames = (suffix) => kinds.map((kind) => `${kind}-${suffix}`)

export const projectionsOf = (suffix) =>
  kinds.map((kind) => {
    const indexes = [{ keys: { balance: 1 } }, { keys: { count: -1 } }]
    const model = defineReadModel(`${kind}_${suffix}`, { indexes })
    const fold = ({ amount }, document, { aggregateId }) => ({
      _id: aggregateId,
      balance: (document?.balance ?? 0) + amount,
      count: (document?.count ?? 0) + 1,
      largest: Math.max(document?.largest ?? 0, amount),
    })
    return defineProjection(`${kind}-${suffix}`, {
      into: model,
      handlers: [on(Deposited, model, fold)],
    })
  })
