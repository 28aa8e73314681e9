// How things are timed: rounds of both sides in turn, the median of each, so that a slow moment hits both.
export async function inTurn(rounds, sides) {
  const rates = sides.map(() => [])
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, side] of sides.entries()) {
      const startedAt = performance.now()
      const count = await side(round)
      const rate = (count * 1000) / (performance.now() - startedAt)
      // The first round warms up.
      if (round > 0) rates[index].push(rate)
    }
  return rates.map(median)
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

export function compare(name, unit, figure, baseline, target) {
  return { name, figure, unit, baseline, ratio: figure / baseline, target }
}

export async function inFlight(limit, count, work) {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return count
}
