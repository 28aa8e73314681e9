/**
 * Keeps one key for each person whose data is in the log. Forgetting a person is deleting the key: what it sealed can
 * never be read again, in the log, in backups and in copies of either.
 *
 * Keys must not be kept, or backed up, together with the log for longer than a forgotten person may stay readable.
 */
export interface SubjectKeyStore {
  /**
   * Returns the keys of subjects, 32 bytes each. Subjects that are forgotten, or never had a key, are left out.
   *
   * @throws Where the store does not answer. Never to be taken for a subject without a key.
   */
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>

  /**
   * Returns the keys of subjects and makes those that are missing: the same for everybody who asks at the same time.
   * Subjects that are forgotten are left out, and stay forgotten.
   */
  obtain(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>

  /**
   * Deletes the key of a subject for good, and notes that it is forgotten. Atomic and idempotent.
   *
   * @returns Whether there was a key.
   */
  forget(subject: string): Promise<boolean>
}
