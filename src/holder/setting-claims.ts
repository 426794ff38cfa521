import type { Timers } from '../connection/timers.ts';
import type { Claim, IsAlive, Journal, JournalCell, JournalEntry } from './journal.ts';
import { limited } from './limited.ts';
import type { Setting } from './platform.ts';

/**
 * The tool of a holder that was killed in the middle of a change may still be at work. After this
 * it is not, or hangs.
 */
const UNFINISHED_LIMIT_MS = 3_000;
const UNFINISHED_LOOK_MS = 500;

export interface SettingClaimsDeps {
  readonly journal: Journal;
  readonly me: () => Promise<Claim>;
  readonly isAlive: IsAlive;
  readonly timers: Timers;
}

/** How a setting was given back. `theirs`: somebody else has changed it, and it was left so. */
export type Restored = 'restored' | 'shared' | 'theirs' | 'nothing';

/**
 * Changes settings of the system so that they outlive nobody: with the value from before on disk
 * first, one claim a home, and the last that lets go puts it back. A value that is neither ours nor
 * the one before is somebody else's, and is never touched.
 */
export class SettingClaims {
  readonly #deps: SettingClaimsDeps;
  /** Tools that change a setting to ours, were given up, and have not ended: how many, by setting. */
  readonly #underWay = new Map<string, number>();

  constructor(deps: SettingClaimsDeps) {
    this.#deps = deps;
  }

  /** Null: it is as it has to be without us, so there is nothing to undo. Throws what the platform throws. */
  async claim(setting: Setting): Promise<JournalEntry | null> {
    return await this.#deps.journal.withEntry(setting.id, async (cell) => {
      const found = cell.read();
      const current = await this.#read(setting);
      if (found === null && current === setting.ours) return null;
      const others = await this.#living(found?.claims ?? []);
      const claims = [...others, await this.#deps.me()];
      const isOurs = current === setting.ours;
      const entry: JournalEntry = {
        version: 1,
        id: setting.id,
        // Another value than ours was put there since, and is the one to come back to.
        before: found !== null && isOurs ? found.before : current,
        ours: setting.ours,
        phase: isOurs ? 'changed' : 'changing',
        claims,
      };
      cell.write(entry);
      if (isOurs) return entry;
      return await this.#change(setting, cell, entry, others);
    });
  }

  /** What this home holds is still as it was made? Writes again what only a sleep has lost. */
  async check(
    setting: Setting,
    held: JournalEntry | null,
    slept: boolean,
  ): Promise<'ours' | 'theirs'> {
    const current = await this.#read(setting);
    if (held === null) return current === setting.ours ? 'ours' : 'theirs';
    return await this.#deps.journal.withEntry(setting.id, async (cell) => {
      const now = await this.#read(setting);
      const isLost = setting.isLostInSleep && slept && now === held.before;
      if (now !== setting.ours && !isLost) {
        // Nobody may put back what is older than their change.
        cell.remove();
        return 'theirs';
      }
      // Somebody may have tidied up, or it was damaged: we know what stood there.
      const found = cell.read() ?? held;
      const me = await this.#deps.me();
      const claims = [...found.claims.filter(({ home }) => home !== me.home), me];
      const entry: JournalEntry = { ...found, claims };
      if (!setting.isLostInSleep) {
        cell.write(entry);
        return 'ours';
      }
      cell.write({ ...entry, phase: 'changing' });
      await this.#makeOurs(setting);
      cell.write({ ...entry, phase: 'changed' });
      return 'ours';
    });
  }

  /** Lets go of this home's claim; the last one puts back what was before. */
  async release(setting: Setting, held: JournalEntry | null): Promise<Restored> {
    return await this.#deps.journal.withEntry(setting.id, async (cell) => {
      const found = cell.read() ?? held;
      if (found === null) return 'nothing';
      const others = await this.#living(found.claims);
      if (others.length === 0) return await this.#restore(setting, cell, found);
      cell.write({ ...found, claims: others });
      return 'shared';
    });
  }

  /**
   * Puts back what holders left that are gone, this home's too when `ofMine` says that it has none.
   * Claims of living ones stay. Throws when there is no such setting on this system.
   */
  async recover(
    id: string,
    settingNamed: (id: string) => Setting | null,
    isGone: (claim: Claim) => boolean = () => false,
  ): Promise<Restored> {
    return await this.#deps.journal.withEntry(id, async (cell) => {
      const found = cell.read();
      if (found === null) return 'nothing';
      const living: Claim[] = [];
      for (const claim of found.claims)
        if (!isGone(claim) && (await this.#isAlive(claim))) living.push(claim);
      if (living.length > 0) {
        if (living.length < found.claims.length) cell.write({ ...found, claims: living });
        return 'shared';
      }
      const setting = settingNamed(id);
      if (setting === null)
        throw new Error(
          `Porchlight does not know the setting that its journal names here, so it stays as it is: ${id}`,
        );
      return await this.#restore(setting, cell, found);
    });
  }

  async #change(
    setting: Setting,
    cell: JournalCell,
    entry: JournalEntry,
    others: readonly Claim[],
  ): Promise<JournalEntry> {
    await this.#makeOurs(setting);
    const now = await this.#read(setting);
    if (now !== setting.ours) {
      // It was done and had no effect: a policy of the machine's owner, say.
      if (now === entry.before) {
        if (others.length === 0) cell.remove();
        else cell.write({ ...entry, claims: [...others] });
      }
      throw new Error(`${setting.label} was changed without an error, and is as before`);
    }
    const changed: JournalEntry = { ...entry, phase: 'changed' };
    cell.write(changed);
    return changed;
  }

  async #restore(setting: Setting, cell: JournalCell, entry: JournalEntry): Promise<Restored> {
    const result = await this.#putBack(setting, entry);
    if ((this.#underWay.get(entry.id) ?? 0) > 0)
      throw new Error(`A tool that hangs may still change it`);
    if (entry.phase === 'changing' && result !== 'theirs') await this.#outwait(setting, entry);
    cell.remove();
    return result;
  }

  async #putBack(setting: Setting, entry: JournalEntry): Promise<Restored> {
    const current = await this.#read(setting);
    if (current === entry.before) return 'restored';
    if (current !== entry.ours) return 'theirs';
    await this.#write(setting, entry.before);
    const now = await this.#read(setting);
    if (now === entry.before) return 'restored';
    throw new Error(`${setting.label} was set back without an error, and is as before`);
  }

  async #outwait(setting: Setting, entry: JournalEntry): Promise<void> {
    for (let waitedMs = 0; waitedMs < UNFINISHED_LIMIT_MS; waitedMs += UNFINISHED_LOOK_MS) {
      await new Promise<void>(
        (resolve) => void this.#deps.timers.after(UNFINISHED_LOOK_MS, resolve),
      );
      if ((await this.#putBack(setting, entry)) === 'theirs') return;
    }
  }

  /** Claims of others whose holder still runs. */
  async #living(claims: readonly Claim[]): Promise<Claim[]> {
    const me = await this.#deps.me();
    const living: Claim[] = [];
    for (const claim of claims)
      if (claim.home !== me.home && (await this.#isAlive(claim))) living.push(claim);
    return living;
  }

  async #isAlive(claim: Claim): Promise<boolean> {
    return await limited(
      this.#deps.timers,
      this.#deps.isAlive(claim),
      `The list of processes, asked for ${claim.pid},`,
    );
  }

  async #read(setting: Setting): Promise<string | null> {
    return await limited(this.#deps.timers, setting.read(), `Reading ${setting.label}`);
  }

  async #makeOurs(setting: Setting): Promise<void> {
    const { id } = setting;
    const count = (by: number): void =>
      void this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + by);
    count(1);
    const write = setting.write(setting.ours);
    write.finally(() => count(-1)).catch(() => {});
    await this.#limitedWrite(setting, write);
  }

  async #write(setting: Setting, value: string | null): Promise<void> {
    await this.#limitedWrite(setting, setting.write(value));
  }

  async #limitedWrite(setting: Setting, write: Promise<void>): Promise<void> {
    await limited(this.#deps.timers, write, `Changing ${setting.label}`);
  }
}
