import { type Logger, silentLogger } from '@varve/core'
import type { ClientLibrary } from './client-library/client-library.ts'
import type { RetryPolicy } from './failure/retry-budget.ts'

/** How operations are tried again when the server cannot be reached. */
export interface RetryOptions {
  /**
   * How long an operation goes on starting further tries after its first failure, in milliseconds.
   * Default 30 000. Subscriptions have no such limit: they reconnect for ever.
   */
  readonly budgetMs?: number
  /** Longest wait between two tries, in milliseconds. Default 1000. Waits start at 50 and double. */
  readonly maxDelayMs?: number
}

/** Options of `EventStoreDBEventStore`. */
export interface EventStoreDBOptions {
  /**
   * `esdb://[user:password@]host:port[,host:port…][?option=value&…]`, or `esdb+discover://name:port` for a
   * cluster behind a DNS name; `kurrentdb` for `esdb` means the same. Options: tls, tlsCAFile, userCertFile, userKeyFile, keepAliveInterval,
   * keepAliveTimeout, defaultDeadline, nodePreference, maxDiscoverAttempts, discoveryInterval, gossipTimeout,
   * connectionName.
   */
  readonly connectionString: string
  /**
   * The client package, as `import * as client from '@kurrent/kurrentdb-client'` gives it. Only one may be
   * loaded in a process. Default: `@eventstore/db-client`, which is loaded only then.
   *
   * Reads by `@kurrent/kurrentdb-client` 1.3.1 know the time of an event only to the second, rounded down;
   * subscriptions know it to the millisecond, as both do by the other package.
   */
  readonly client?: ClientLibrary
  /** Hears of lost connections and of options without effect. Default: silent. */
  readonly logger?: Logger
  readonly retry?: RetryOptions
  /**
   * Longest silence of the server before a try counts as failed, in milliseconds.
   * Default: `defaultDeadline` of the connection string, or 10 000.
   */
  readonly timeoutMs?: number
}

/** The options with their defaults. */
export interface ResolvedOptions {
  readonly logger: Logger
  readonly retry: RetryPolicy
  readonly timeoutMs: number
}

/** Fills in the defaults. */
export function resolveOptions(
  {
    logger = silentLogger,
    retry = {},
    timeoutMs,
  }: Omit<EventStoreDBOptions, 'connectionString' | 'client'>,
  defaultDeadline = 10_000,
): ResolvedOptions {
  const { budgetMs = 30_000, maxDelayMs = 1000 } = retry
  return {
    logger,
    retry: { budgetMs, maxDelayMs, firstDelayMs: Math.min(50, maxDelayMs) },
    timeoutMs: timeoutMs ?? defaultDeadline,
  }
}
