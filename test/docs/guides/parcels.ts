import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  Applies,
  Command,
  Event,
  type EventContext,
  FromSnapshot,
  Handles,
  On,
  Projection,
  ReadModel,
  type SnapshotContext,
} from 'varve'

@Event('parcel.registered')
class ParcelRegistered {
  constructor(readonly to: string) {}
}

@Event('parcel.scanned')
class ParcelScanned {
  constructor(readonly at: string) {}
}

@Command('parcel.scan')
export class ScanParcel {
  @AggregateId() readonly parcelId!: string
  readonly at!: string
}

// #region projection
@Aggregate('parcel', { snapshot: { every: 100 } })
export class Parcel extends AggregateRoot {
  to = ''
  lastSeen = ''

  @Applies(ParcelRegistered)
  registered({ to }: ParcelRegistered) {
    this.to = to
  }

  @Applies(ParcelScanned)
  scanned({ at }: ParcelScanned) {
    this.lastSeen = at
  }

  @Handles(ScanParcel)
  scan({ at }: ScanParcel) {
    if (this.to === '') this.emit(new ParcelRegistered('Vienna'))
    this.emit(new ParcelScanned(at))
  }
}

@ReadModel('parcels')
export class ParcelView {
  readonly _id!: string
  to!: string
  lastSeen!: string
}

@Projection('parcels', { into: ParcelView })
export class Parcels {
  @On(ParcelRegistered)
  registered({ to }: ParcelRegistered, _: undefined, { aggregateId }: EventContext): ParcelView {
    return { _id: aggregateId, to, lastSeen: '' }
  }

  @On(ParcelScanned)
  scanned({ at }: ParcelScanned, parcel: ParcelView) {
    parcel.lastSeen = at
  }

  @FromSnapshot(Parcel, { firstEvents: [ParcelRegistered] })
  seen({ to, lastSeen }: Parcel, { aggregateId }: SnapshotContext): ParcelView {
    return { _id: aggregateId, to, lastSeen }
  }
}
// #endregion projection
