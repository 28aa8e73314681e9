import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTenantId, requireTenant, tenantId } from '../../src/index.ts'
import { prefixOf } from '../../src/tenant/tenant-id.ts'

const name = fc
  .oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom('a', 'a.', '.a', 'a-b', '%', '%2E', 'a%2Eb', 'é', 'e\u0301'),
  )
  .filter((tenant) => !/[\ud800-\udfff]/.test(tenant))
const id = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a.b', '.', '-', 'acme.a', '%2E'))

describe('the id of something of a tenant', () => {
  it('comes apart into what it was made of', () => {
    fc.assert(
      fc.property(name, id, (tenant, own) => {
        expect(parseTenantId(tenantId(tenant, own))).toEqual({ tenant, id: own })
      }),
    )
  })

  it('is of one tenant only: no prefix begins another', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one !== other)
        expect(prefixOf(other).startsWith(prefixOf(one))).toBe(false)
      }),
    )
  })

  it('has nothing but letters, digits, "_", "-" and "%" before the first "."', () => {
    expect(tenantId("A-b_1 .!~*'()/é", 'x.y')).toBe('A-b_1%20%2E%21%7E%2A%27%28%29%2F%C3%A9.x.y')
  })

  it.each(['a', '.a', '%.a', '%2e.a', 'a b.c', 'é.a', '%41.a'])(
    'is not %j, which nobody here writes',
    (stored) => {
      expect(parseTenantId(stored)).toBeUndefined()
    },
  )

  it.each([
    [undefined, 'TENANT_REQUIRED'],
    [null, 'TENANT_REQUIRED'],
    ['', 'INVALID_TENANT'],
    [7, 'INVALID_TENANT'],
    [{}, 'INVALID_TENANT'],
    ['\ud800', 'INVALID_TENANT'],
    ['x'.repeat(129), 'INVALID_TENANT'],
  ])('needs a tenant, which %j is not', (tenant, code) => {
    expect(() => requireTenant(tenant, 'Something')).toThrow(expect.objectContaining({ code }))
  })

  it('takes a tenant of 128 characters', () => {
    expect(requireTenant('x'.repeat(128), 'Something')).toHaveLength(128)
  })
})
