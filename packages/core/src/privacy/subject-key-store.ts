/** The key of a subject, 32 bytes; or that there will never be one again. */
export type SubjectKey = Uint8Array | 'forgotten'

/**
 * Keeps one key for each person whose data is in the log. Forgetting a person is deleting the key: what it sealed can
 * never be read again, in the log, in backups and in copies of either.
 *
 * Keys must not be kept, or backed up, together with the log for longer than a forgotten person may stay readable.
 */
export interface SubjectKeyStore {
  /**
   * Returns the keys of subjects, and which of them are forgotten. Those it knows nothing of are left out.
   *
   * @throws Where the store does not answer. Never to be taken for a subject without a key.
   */
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>

  /**
   * Returns the keys of subjects and makes those that are missing: the same for everybody who asks at the same time,
   * and on disk before it answers. Subjects that are forgotten stay forgotten.
   */
  obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>

  /**
   * Deletes the key of a subject for good, and notes that it is forgotten. Atomic and idempotent.
   *
   * @returns Whether there was a key.
   */
  forget(subject: string): Promise<boolean>
}
