import 'reflect-metadata'
import { InvalidMessageError, type Violation } from '@varve/core'
import { Transform, Type } from 'class-transformer'
import {
  ArrayNotEmpty,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator'
import { describe, expect, test } from 'vitest'
import { ClassValidatorMessages, type ClassValidatorMessagesOptions } from '../src/index.ts'

class Deposit {
  @IsString() @MinLength(2) readonly accountId!: string
  @IsPositive() readonly amount!: number
  @IsIn(['EUR', 'USD']) readonly currency: string = 'EUR'
}

class Line {
  @IsString() readonly product!: string
  @IsPositive() @IsInt() readonly price!: number
}

class PlaceOrder {
  @IsString() readonly orderId!: string
  @ValidateNested({ each: true }) @ArrayNotEmpty() @Type(() => Line) readonly lines!: Line[]
  @ValidateNested() @IsOptional() @Type(() => Line) readonly gift?: Line
}

type MessageClass<Message> = new () => Message

const validate = <Message extends object>(
  target: MessageClass<Message>,
  payload: unknown,
  options?: ClassValidatorMessagesOptions,
) => new ClassValidatorMessages(options).validate({ type: 'a.message', class: target }, payload)

async function violationsOf(
  target: MessageClass<object>,
  payload: unknown,
  options?: ClassValidatorMessagesOptions,
): Promise<readonly Violation[]> {
  const error: unknown = await validate(target, payload, options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(InvalidMessageError)
  return (error as InvalidMessageError).violations
}

const rulesOf = async (...args: Parameters<typeof violationsOf>) =>
  (await violationsOf(...args)).map(({ path, rule }) => `${path}: ${rule}`)

describe('a valid payload', () => {
  test('becomes an instance of its class, with the defaults of the class', async () => {
    const message = await validate(Deposit, { accountId: 'a1', amount: 100 })
    expect(message).toBeInstanceOf(Deposit)
    expect(message).toEqual({ accountId: 'a1', amount: 100, currency: 'EUR' })
  })

  test('may be an instance, and becomes another one', async () => {
    const payload = Object.assign(new Deposit(), { accountId: 'a1', amount: 100 })
    const message = await validate(Deposit, payload)
    expect(message).toEqual(payload)
    expect(message).not.toBe(payload)
  })

  test('may have no prototype', async () => {
    const payload = Object.assign(Object.create(null) as object, { accountId: 'a1', amount: 100 })
    expect(await validate(Deposit, payload)).toBeInstanceOf(Deposit)
  })

  test('becomes instances of the classes inside', async () => {
    const { lines, gift } = await validate(PlaceOrder, {
      orderId: 'o1',
      lines: [{ product: 'tea', price: 3 }],
      gift: { product: 'cup', price: 5 },
    })
    expect(lines[0]).toBeInstanceOf(Line)
    expect(gift).toBeInstanceOf(Line)
  })

  test('is not changed', async () => {
    abstract class Payment {}
    class Card extends Payment {
      @IsString() readonly number!: string
    }
    class Pay {
      @ValidateNested()
      @Type(() => Payment, {
        discriminator: { property: 'kind', subTypes: [{ name: 'card', value: Card }] },
      })
      readonly payment!: Payment
    }
    const payload = { payment: { kind: 'card', number: '4111' } }
    expect((await validate(Pay, payload)).payment).toBeInstanceOf(Card)
    expect(payload).toEqual({ payment: { kind: 'card', number: '4111' } })
  })

  test('is converted only where the class says so', async () => {
    class Book {
      @IsDate() @Type(() => Date) readonly day!: Date
      @IsString() @Transform(({ value }: { value: string }) => value.trim()) readonly guest!: string
    }
    expect(await validate(Book, { day: '2026-02-01T00:00:00.000Z', guest: ' Ada ' })).toEqual({
      day: new Date('2026-02-01T00:00:00.000Z'),
      guest: 'Ada',
    })
    expect(await rulesOf(Deposit, { accountId: 'a1', amount: '100' })).toEqual([
      'amount: isPositive',
    ])
  })
})

describe('an invalid payload', () => {
  test('is refused with every rule it breaks', async () => {
    expect(await violationsOf(Deposit, { accountId: 1, amount: -1 })).toEqual([
      {
        path: 'accountId',
        rule: 'minLength',
        message: 'accountId must be longer than or equal to 2 characters',
      },
      { path: 'accountId', rule: 'isString', message: 'accountId must be a string' },
      { path: 'amount', rule: 'isPositive', message: 'amount must be a positive number' },
    ])
  })

  test('is refused with the paths of what is inside', async () => {
    const fine = { product: 'tea', price: 3 }
    expect(
      await rulesOf(PlaceOrder, {
        orderId: 'o1',
        lines: [fine, fine, { product: 'tea', price: -1 }],
        gift: { product: 1, price: 3, colour: 'red' },
      }),
    ).toEqual([
      'lines[2].price: isPositive',
      'gift.colour: whitelistValidation',
      'gift.product: isString',
    ])
  })

  test('does not show what was sent', async () => {
    const error: unknown = await validate(Deposit, { accountId: 'a1', amount: 'secret' }).catch(
      (reason: unknown) => reason,
    )
    const { message, violations } = error as InvalidMessageError
    expect(JSON.stringify([message, violations])).not.toContain('secret')
  })

  test('is refused with unknown properties', async () => {
    expect(await violationsOf(Deposit, { accountId: 'a1', amount: 1, note: 'hello' })).toEqual([
      { path: 'note', rule: 'whitelistValidation', message: 'property note should not exist' },
    ])
  })

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['an array', []],
    ['a string', '{}'],
    ['a number', 1],
  ])('is refused when it is %s', async (_name, payload) => {
    expect(await violationsOf(Deposit, payload)).toEqual([
      { path: '', rule: 'isObject', message: 'must be an object' },
    ])
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'is refused with a key %s at any depth',
    async (key) => {
      const payload: unknown = JSON.parse(
        `{"orderId":"o1","${key}":{"polluted":true},"lines":[{"product":"tea","price":3,"${key}":{}}]}`,
      )
      expect(await rulesOf(PlaceOrder, payload)).toEqual([
        `${key}: isSafeKey`,
        `lines[0].${key}: isSafeKey`,
      ])
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
  )

  test('is refused with the name of a method or a getter', async () => {
    class Priced {
      @IsPositive() readonly net!: number
      get gross() {
        return this.net * 2
      }
      double() {
        return this.net * 2
      }
    }
    expect(await rulesOf(Priced, { net: 1, gross: 5, double: 6 })).toEqual([
      'gross: whitelistValidation',
      'double: whitelistValidation',
    ])
  })

  test('is refused when it refers back to itself', async () => {
    const lines: unknown[] = []
    lines.push(lines)
    const payload: Record<string, unknown> = { orderId: 'o1', lines }
    payload['gift'] = payload
    expect(await rulesOf(PlaceOrder, payload)).toEqual(['lines[0]: isTree', 'gift: isTree'])
  })

  test('is refused when it is nested without end', async () => {
    const lines: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
    expect(await rulesOf(PlaceOrder, { orderId: 'o1', lines })).toEqual([
      `lines${'[0]'.repeat(99)}: maxDepth`,
    ])
  })

  test('is refused with functions and promises in it', async () => {
    const then = () => undefined
    expect(await rulesOf(Deposit, { accountId: () => 'a1', amount: { then } })).toEqual([
      'accountId: isData',
      'amount.then: isData',
    ])
  })

  test('is refused when a transformation fails on it', async () => {
    class Trimmed {
      @IsString()
      @Transform(({ value }: { value: string }) => value.trim())
      readonly name!: string
    }
    expect(await violationsOf(Trimmed, { name: 7 })).toEqual([
      {
        path: '',
        rule: 'transform',
        message: 'could not be made of the payload: value.trim is not a function',
      },
    ])
  })

  test('is refused where the class inside is not named', async () => {
    class Untyped {
      @ValidateNested({ each: true }) readonly lines!: Line[]
    }
    expect(await violationsOf(Untyped, { lines: [{ price: 1 }] })).toEqual([
      {
        path: 'lines[0]',
        rule: 'unknownValue',
        message:
          'must be of a class with rules: name it with @Type(() => …) of class-transformer beside @ValidateNested()',
      },
    ])
  })
})

describe('rules', () => {
  const isFree = ValidateBy({
    name: 'isFree',
    validator: {
      validate: async (value: string) => {
        if (value === 'broken') throw new RangeError('the directory does not answer')
        return Promise.resolve(value !== 'taken')
      },
      defaultMessage: () => 'name must be free',
    },
  })
  class Register {
    @isFree readonly name!: string
  }

  test('may be asynchronous', async () => {
    expect(await validate(Register, { name: 'ada' })).toEqual({ name: 'ada' })
    expect(await violationsOf(Register, { name: 'taken' })).toEqual([
      { path: 'name', rule: 'isFree', message: 'name must be free' },
    ])
  })

  test('that fail themselves do not make the payload invalid', async () => {
    await expect(validate(Register, { name: 'broken' })).rejects.toThrow(
      new RangeError('the directory does not answer'),
    )
  })

  test('are inherited', async () => {
    class DepositCash extends Deposit {
      @IsString() readonly till!: string
    }
    expect(await rulesOf(DepositCash, { accountId: 'a1', amount: 0 })).toEqual([
      'till: isString',
      'amount: isPositive',
    ])
  })
})

describe('properties without a rule', () => {
  class Close {
    readonly accountId!: string
    @IsString() readonly reason!: string
  }
  const known = (target: unknown) => (target === Close ? ['accountId'] : [])

  test('are unknown', async () => {
    expect(await rulesOf(Close, { accountId: 'a1', reason: 'moved' })).toEqual([
      'accountId: whitelistValidation',
    ])
  })

  test('are accepted where something else declares them', async () => {
    const payload = { accountId: 'a1', reason: 'moved' }
    expect(await validate(Close, payload, { known })).toEqual(payload)
    expect(await rulesOf(Close, { ...payload, note: '' }, { known })).toEqual([
      'note: whitelistValidation',
    ])
  })

  test('are taken as they are in a class without any rule', async () => {
    class Unchecked {
      readonly id!: string
    }
    const message = await validate(Unchecked, { id: 7, more: { deep: [1] } })
    expect(message).toBeInstanceOf(Unchecked)
    expect(message).toEqual({ id: 7, more: { deep: [1] } })
  })
})
