import type { Application } from 'varve'
import { projections } from '../bank.ts'
import { ListBalances } from '../queries/balances.ts'
import { ListStatements } from '../queries/statements.ts'
import { GetTotals } from '../queries/totals.ts'
import { Progress } from './progress.ts'

/**
 * Rebuilds all read models by replay, with progress.
 *
 * @returns Whether every document is the same, byte for byte, as before.
 */
export async function rebuildAll(app: Application): Promise<boolean> {
  console.log('\nRebuild by replay')
  const before = await everything(app)
  for (const name of projections) {
    const progress = new Progress(`  ${name.padEnd(20)}`)
    const { events } = await app.projections.rebuild(name, {
      onProgress: ({ ratio, events: count }) => progress.update(ratio, count),
    })
    progress.finish(events)
  }
  const isEqual = before === (await everything(app))
  console.log(`  equal to before, byte for byte: ${isEqual ? 'yes' : 'NO'}`)
  return isEqual
}

async function everything(app: Application): Promise<string> {
  const documents = [
    await app.query(new ListBalances()),
    await app.query(new ListStatements()),
    await app.query(new GetTotals()),
  ]
  return JSON.stringify(documents)
}
