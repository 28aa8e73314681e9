import type { LogFields, Logger } from '@varve/core'

/** Writes warnings and errors to the console, one line each, and leaves the rest out. */
export const consoleLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, fields) => console.warn(line('warning', message, fields)),
  error: (message, fields) => console.error(line('error', message, fields)),
}

function line(level: string, message: string, fields: LogFields = {}): string {
  const facts = Object.entries(fields).map(([key, value]) => `${key}=${show(value)}`)
  return [`varve ${level}: ${message}`, ...facts].join(' ')
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`)
  if (typeof value === 'string') return JSON.stringify(value)
  return String(value)
}
