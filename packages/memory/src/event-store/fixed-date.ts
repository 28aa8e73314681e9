/**
 * A date nobody can set: `Object.freeze` does not reach the time inside a `Date`, and readers share this one.
 *
 * It calls itself a `Date`, so that comparing it with one finds them equal.
 */
export class FixedDate extends Date {}

for (const name of Object.getOwnPropertyNames(Date.prototype)) {
  if (!name.startsWith('set')) continue
  Object.defineProperty(FixedDate.prototype, name, {
    value: () => {
      throw new TypeError(
        `The log never changes: ${name} on the date of a recorded event. Copy it.`,
      )
    },
  })
}
Object.defineProperty(FixedDate.prototype, 'constructor', { value: Date })
