/** A class whose instances are `T`, whatever its constructor takes. */
export type Constructor<T = object> = abstract new (...args: never[]) => T
