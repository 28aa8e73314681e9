export { type HeldLease, holdLease, type HoldLeaseOptions } from '../lease/hold-lease.ts'
