/** Why no new connection is wanted here; null: no reason of this part. In words, without ids. */
export type Hindrance = () => string | null;

/** What `/readyz` says: each part of the relay that may stand in the way adds its own word. */
export class Readiness {
  readonly #hindrances: Hindrance[] = [];

  add(hindrance: Hindrance): void {
    this.#hindrances.push(hindrance);
  }

  reasons(): string[] {
    return this.#hindrances.flatMap((hindrance) => hindrance() ?? []);
  }
}
