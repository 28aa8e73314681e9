// #region validate
import { ClassValidatorMessages } from '@varve/class-validator'
import { IsPositive, IsString } from 'class-validator'

class Deposit {
  @IsString() readonly accountId!: string
  @IsPositive() readonly amount!: number
}

const validator = new ClassValidatorMessages()
export const deposit = (payload: unknown) =>
  validator.validate({ type: 'account.deposit', class: Deposit }, payload)
// #endregion validate

// #region known
import { aggregateIdPropertiesOf } from '@varve/decorators'

export const withAggregateIds = new ClassValidatorMessages({ known: aggregateIdPropertiesOf })
// #endregion known
