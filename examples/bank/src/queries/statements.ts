import { Query, QueryHandler, type ReadModelView } from 'varve'
import { MonthlyStatement } from '../read-models/monthly-statements.ts'

/** The statements of one account, oldest first; without an account those of all. */
export class ListStatements extends Query<MonthlyStatement[]> {
  constructor(readonly accountId?: string) {
    super()
  }
}

@QueryHandler(ListStatements, { reads: MonthlyStatement })
export class ListStatementsHandler {
  execute({ accountId }: ListStatements, statements: ReadModelView<MonthlyStatement>) {
    return statements
      .find(accountId === undefined ? {} : { accountId })
      .sort({ accountId: 1, month: 1 })
      .toArray()
  }
}
