// #region query
import { Query, QueryHandler, type ReadModelView } from 'varve'
import { Shelf, Shipment, Turnover } from './warehouse-models.ts'

export class Overview extends Query<string[]> {}

@QueryHandler(Overview, { reads: [Shelf, Shipment, Turnover] })
export class OverviewHandler {
  async execute(
    _: Overview,
    shelves: ReadModelView<Shelf>,
    shipments: ReadModelView<Shipment>,
    turnovers: ReadModelView<Turnover>,
  ) {
    const full = await shelves.distinct('_id')
    const sent = await shipments.find().sort({ left: -1 }).toArray()
    const all = await turnovers.findOne({ _id: 'all' })
    return [
      `on the shelves: ${full.join(', ')}`,
      ...sent.map(({ quantity, item, left }) => `${quantity} ${item} left, ${left} remain`),
      `shipped in all: ${all?.shipped}`,
    ]
  }
}
// #endregion query
