/** Whether a person looks and the network is there, as a test says. */
export class SettablePresence {
  isVisible = true;
  isOnline = true;
  readonly #listeners = new Set<() => void>();

  on(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  set(given: { isVisible?: boolean; isOnline?: boolean }): void {
    Object.assign(this, given);
    for (const listener of this.#listeners) listener();
  }
}
