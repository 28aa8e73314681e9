import {
  ArrayMinSize,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  Length,
  Matches,
  Max,
  ValidateNested,
} from 'class-validator'
import { schemaViolations } from '@varve/core'
import { expect, test } from 'vitest'
import { schemaOfClass } from '../src/index.ts'

enum Kind {
  Private = 'private',
  Business = 'business',
}

class Line {}

class AccountOpened {
  @IsString() @Length(1, 40) owner!: string
  @IsPositive() @Max(100) @IsInt() branch!: number
  @IsEmail() @IsOptional() mail?: string
  @IsEnum(Kind) kind!: Kind
  @IsIn(['EUR', 'CHF']) currency!: string
  @Matches(/^[A-Z]+$/) code!: string
  @Matches(/^[a-z]+$/i) loose!: string
  @IsString({ each: true }) @ArrayMinSize(1) tags!: string[]
  @ValidateNested() line!: Line
}

class SavingsOpened extends AccountOpened {
  @IsInt() rate!: number
}

test('rules of a class are told in JSON Schema, as far as it has words for them', () => {
  expect(schemaOfClass(AccountOpened)).toEqual({
    type: 'object',
    required: ['owner', 'branch', 'kind', 'currency', 'code', 'loose', 'tags', 'line'],
    properties: {
      owner: { type: 'string', minLength: 1, maxLength: 40 },
      branch: { type: 'integer', exclusiveMinimum: 0, maximum: 100 },
      mail: { anyOf: [{ type: 'string', format: 'email' }, { type: 'null' }] },
      kind: { enum: ['private', 'business'] },
      currency: { enum: ['EUR', 'CHF'] },
      code: { type: 'string', pattern: '^[A-Z]+$' },
      loose: { type: 'string' },
      tags: { type: 'array', minItems: 1, items: { type: 'string' } },
      line: {},
    },
  })
})

test('rules of a parent class count', () => {
  expect(Object.keys(schemaOfClass(SavingsOpened)?.properties ?? {})).toContain('owner')
})

test('a class without rules has no schema', () => {
  expect(schemaOfClass(Line)).toBeUndefined()
})

test('what is made of rules finds what they find', () => {
  const schema = schemaOfClass(AccountOpened)!
  const event = { kind: 'private', currency: 'EUR', code: 'A', loose: 'x', tags: ['t'], line: {} }
  expect(schemaViolations(schema, { ...event, owner: 'Ada', branch: 7 })).toEqual([])
  expect(schemaViolations(schema, { ...event, owner: '', branch: 7.5 })).toMatchObject([
    { path: 'owner', rule: 'minLength' },
    { path: 'branch', rule: 'type' },
  ])
})
