import { Query, QueryHandler, type ReadModelView } from 'varve'
import { BankTotals } from '../read-models/bank-totals.ts'

export class GetTotals extends Query<BankTotals | null> {}

@QueryHandler(GetTotals, { reads: BankTotals })
export class GetTotalsHandler {
  execute(_: GetTotals, totals: ReadModelView<BankTotals>) {
    return totals.findOne({ _id: 'bank' })
  }
}
