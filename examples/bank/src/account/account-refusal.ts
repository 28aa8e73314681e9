/** The bank says no: a business rule, not a fault. */
export class AccountRefusal extends Error {
  constructor(
    readonly accountId: string,
    reason: string,
  ) {
    super(`Account ${accountId} refuses: ${reason}.`)
  }
  override get name(): string {
    return 'AccountRefusal'
  }
}
