import { ServerError } from '../errors/server-error.ts'
import type { Environment, Variables } from './expression.ts'

/** Variables the server itself defines. */
const SYSTEM = new Set([
  'ROOT',
  'CURRENT',
  'REMOVE',
  'NOW',
  'CLUSTER_TIME',
  'DESCEND',
  'PRUNE',
  'KEEP',
  'USER_ROLES',
])

/** The environment with more variables. */
export function withVariables(environment: Environment, more: Variables): Environment {
  return { ...environment, variables: { ...environment.variables, ...more } }
}

/** Checks a name that `let` and others define. */
export function assertVariableName(name: string): void {
  if (/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name) || name === 'CURRENT') return
  const reason = SYSTEM.has(name)
    ? 'is a system variable'
    : 'starts with an invalid character for a user variable name'
  throw new ServerError('FailedToParse', `'${name}' ${reason}`)
}
