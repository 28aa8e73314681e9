import type { Application } from 'varve'

// #region list
/** Tells what a projection could not apply, and why. */
export async function describeDeadLetters(app: Application, name: string) {
  const lines: string[] = []
  for await (const letters of app.projections.deadLetters(name).list())
    for (const { queue, event, state, cause } of letters)
      lines.push(`${queue.key}: ${event.type} is ${state}, ${cause?.message ?? 'behind another'}`)
  return lines
}
// #endregion list

// #region mend
/** After the cause is mended: the document's events are applied, the oldest first. */
export async function mend(app: Application, name: string, key: string) {
  await app.projections.deadLetters(name).retry({ key })
}
// #endregion mend
