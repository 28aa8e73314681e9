import { Event } from 'varve'

// #region first
@Event('parcel.registered')
export class ParcelRegistered {
  constructor(
    readonly name: string,
    readonly weight: string,
  ) {}
}
// #endregion first

@Event('parcel.sent')
export class ParcelSent {
  constructor(
    readonly to: string,
    readonly insuredFor: number,
  ) {}
}
