import { VarveError } from '../varve-error.ts'

/** Something belongs to a tenant, and nobody said to which. Nothing was done. */
export class TenantRequiredError extends VarveError {
  readonly code = 'TENANT_REQUIRED'
  constructor(readonly subject: string) {
    super(
      `${subject} needs a tenant, since this application keeps tenants apart. Pass { tenant } among the options.`,
    )
  }
}

/** A tenant's name is none. */
export class InvalidTenantError extends VarveError {
  readonly code = 'INVALID_TENANT'
  constructor(
    readonly found: string,
    reason: string,
  ) {
    super(`${found} cannot be a tenant: ${reason}.`)
  }
}

/** Something of one tenant was met where another one's was expected, or none at all. */
export class TenantMismatchError extends VarveError {
  readonly code = 'TENANT_MISMATCH'
  constructor(
    readonly subject: string,
    /** Undefined: none. */
    readonly found: string | undefined,
    readonly expected: string | undefined,
  ) {
    super(
      `${subject} belongs to ${found === undefined ? 'no tenant' : `tenant "${found}"`}, but ${expected === undefined ? 'a tenant' : `tenant "${expected}"`} was expected.`,
    )
  }
}

/** A query handler asked for what could show documents of other tenants, or what they are stored as. */
export class TenantViewError extends VarveError {
  readonly code = 'TENANT_VIEW'
  constructor(
    readonly model: string,
    readonly found: string,
    advice: string,
  ) {
    super(
      `${found} is not offered on read model "${model}", which is kept apart by tenant: ${advice}.`,
    )
  }
}
