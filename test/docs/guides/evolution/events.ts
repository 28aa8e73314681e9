import { downcast, Event, upcast } from 'varve'

// #region change
interface Registered1 {
  readonly name: string
  readonly weight: string
}
interface Registered2 {
  readonly recipient: string
  readonly weight: string
}

@Event('parcel.registered', {
  version: 3,
  upcast: [
    upcast.from<Registered1, Registered2>(1, ({ name, ...rest }) => ({ ...rest, recipient: name })),
    upcast.from<Registered2, ParcelRegistered>(2, ({ recipient, weight }, { recordedAt }) => ({
      recipient,
      grams: Number(weight) * 1000,
      registeredOn: recordedAt.toISOString().slice(0, 10),
    })),
  ],
  downcast: [
    downcast.to<ParcelRegistered, Registered2>(2, ({ recipient, grams }) => ({
      recipient,
      weight: String(grams / 1000),
    })),
  ],
})
export class ParcelRegistered {
  constructor(
    readonly recipient: string,
    readonly grams: number,
    readonly registeredOn: string,
  ) {}
}
// #endregion change

// #region split
interface Sent1 {
  readonly to: string
  readonly insuredFor: number
}

@Event('parcel.dispatched', {
  version: 2,
  aliases: ['parcel.sent'],
  upcast: [
    upcast.split<Sent1>(1, ['parcel.dispatched', 'parcel.insured'], ({ to, insuredFor }) => [
      { type: 'parcel.dispatched', version: 2, data: { to } },
      ...(insuredFor > 0
        ? [{ type: 'parcel.insured', version: 1, data: { cents: insuredFor } }]
        : []),
    ]),
  ],
})
export class ParcelDispatched {
  constructor(readonly to: string) {}
}

@Event('parcel.insured')
export class ParcelInsured {
  constructor(readonly cents: number) {}
}
// #endregion split
