import { Container, inject, injectable } from 'inversify'
import { Query, QueryHandler, type TenantRepository } from 'varve'
import { repositoryIdentifier } from '@varve/inversify'
import { describe, expect, it } from 'vitest'
import { Account, fill, openWith } from './tenants/bank-of-tenants.ts'

class LoadBalance extends Query<number> {
  constructor(
    readonly id: string,
    readonly of?: string,
  ) {
    super()
  }
}

@injectable()
@QueryHandler(LoadBalance, { reads: [] })
class LoadBalanceHandler {
  constructor(
    @inject(repositoryIdentifier(Account)) private readonly accounts: TenantRepository<Account>,
  ) {}

  async execute({ id, of }: LoadBalance): Promise<number> {
    const { state, id: found } = await (of === undefined
      ? this.accounts.load(id)
      : this.accounts.forTenant(of).load(id))
    expect(found).toBe(id)
    return state.balance
  }
}

const open = () =>
  openWith({ definitions: [Account, LoadBalanceHandler], container: new Container() })

describe('a repository that is injected where tenants are kept apart', () => {
  it('loads for a tenant', async () => {
    await using app = await open()
    await fill(app, 'acme', 'a', 5)
    await fill(app, 'beta', 'a', 7)
    const ask = (id: string, of: string) => app.query(new LoadBalance(id, of), { tenant: 'acme' })
    expect(await ask('a', 'acme')).toBe(5)
    expect(await ask('beta.a', 'acme')).toBe(0)
  })

  it('loads for nobody', async () => {
    await using app = await open()
    await fill(app, 'acme', 'a', 5)
    const refused = { code: 'TENANT_REQUIRED' }
    for (const id of ['a', 'acme.a'])
      await expect(app.query(new LoadBalance(id), { tenant: 'acme' })).rejects.toMatchObject(
        refused,
      )
  })

  it('refuses ids and tenants that are none', async () => {
    await using app = await open()
    const ask = (id: string, of: string) => app.query(new LoadBalance(id, of), { tenant: 'acme' })
    await expect(ask('', 'acme')).rejects.toMatchObject({ code: 'INVALID_STREAM_NAME' })
    await expect(ask('a', '')).rejects.toMatchObject({ code: 'INVALID_TENANT' })
  })
})
