import { IsInt, IsString, Min } from 'class-validator'
import { Event } from 'varve'

// #region schema
@Event('parcel.weighed')
export class ParcelWeighed {
  @IsString() scale!: string
  @IsInt() @Min(1) grams!: number
}

@Event('parcel.measured', {
  schema: {
    type: 'object',
    required: ['sides'],
    properties: { sides: { type: 'array', items: { type: 'number' }, minItems: 3, maxItems: 3 } },
  },
})
export class ParcelMeasured {
  constructor(readonly sides: readonly number[]) {}
}
// #endregion schema
