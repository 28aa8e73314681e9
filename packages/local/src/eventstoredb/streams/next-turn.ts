/** Lets other calls go on in the middle of a long scan. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
