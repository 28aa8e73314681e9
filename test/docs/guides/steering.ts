import type { Application } from 'varve'

// #region skip
/** Leaves out what an event handler halted on, after somebody has looked at it. */
export async function leaveOut(app: Application, name: string) {
  const status = app.eventHandlers.status().find((one) => one.name === name)
  if (status?.state === 'halted' && status.event)
    await app.eventHandlers.skip(name, status.event.position)
}
// #endregion skip
