const lookEveryMs = 1000

/**
 * Waits for some work as long as it moves on.
 *
 * @param describe Says how far the work is; the same for the whole of the patience means that it is stuck.
 * @throws An error with that description, where the work is stuck.
 */
export async function unlessStuck<T>(
  patienceMs: number,
  describe: () => string,
  work: Promise<T>,
): Promise<T> {
  let last = { description: '', at: 0 }
  let timer: NodeJS.Timeout | undefined
  const stuck = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      const description = describe()
      const now = performance.now()
      if (description !== last.description) last = { description, at: now }
      else if (now - last.at > patienceMs)
        reject(new Error(`Nothing has happened for ${patienceMs} ms: ${description}.`))
    }, lookEveryMs)
  })
  try {
    return await Promise.race([work, stuck])
  } finally {
    clearInterval(timer)
  }
}
