/** One take at a time; letting go ends what is under way, and what comes after it begins anew. */
export class Takes {
  #turn = 0;
  #underWay: { readonly turn: number; readonly done: Promise<void> } | null = null;

  get isUnderWay(): boolean {
    return this.#underWay !== null;
  }

  /** `run` asks before it keeps anything whether it was let go meanwhile. */
  async take(isHeld: () => boolean, run: (isLetGo: () => boolean) => Promise<void>): Promise<void> {
    for (;;) {
      const underWay = this.#underWay;
      if (underWay === null) break;
      if (underWay.turn === this.#turn) {
        await underWay.done;
        return;
      }
      await underWay.done.catch(() => {});
    }
    if (isHeld()) return;
    const turn = this.#turn;
    const done = run(() => turn !== this.#turn).finally(() => {
      this.#underWay = null;
    });
    this.#underWay = { turn, done };
    await done;
  }

  letGo(): void {
    this.#turn += 1;
  }
}
