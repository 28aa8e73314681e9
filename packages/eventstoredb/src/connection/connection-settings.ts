/** One node as the connection string names it. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** Who the client says it is. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Which node of a cluster to prefer. */
export type NodePreference = 'leader' | 'follower' | 'random' | 'read_only_replica'

/** The options of a connection string that are passed on to the client. */
export interface ConnectionParameters {
  tls: boolean
  tlsCAFile?: string
  userCertFile?: string
  userKeyFile?: string
  /** Milliseconds; -1 disables. */
  keepAliveInterval?: number
  /** Milliseconds; -1 disables. */
  keepAliveTimeout?: number
  /** Milliseconds. */
  defaultDeadline?: number
  maxDiscoverAttempts?: number
  /** Milliseconds. */
  discoveryInterval?: number
  /** Seconds, as the client takes it. */
  gossipTimeout?: number
  nodePreference?: NodePreference
  connectionName?: string
}

/** What a connection string says, checked. */
export interface ConnectionSettings {
  /** Scheme and hosts, for messages. Never credentials. */
  readonly address: string
  /** At least one. */
  readonly endpoints: readonly Endpoint[]
  /** Whether the first endpoint is a DNS name to discover a cluster by. */
  readonly isDiscovered: boolean
  readonly credentials: Credentials | undefined
  readonly parameters: ConnectionParameters
  /** What was found that has no effect, for the log. */
  readonly warnings: readonly string[]
}
