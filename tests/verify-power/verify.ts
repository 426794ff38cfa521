import type { HolderSession, Person, Reading, Rig } from './rig.ts';
import type { Found, Steps } from './steps.ts';

const TAKEN_LIMIT_MS = 2_000;
const RELEASED_LIMIT_MS = 2_000;
const RESTORED_LIMIT_MS = 15_000;
const LEASE_LIMIT_MS = 80_000;
const LOOK_EVERY_MS = 50;
const LID_SECONDS = 90;
const LID_CLOSED_MS = 30_000;
/** More than a busy machine, less than any sleep. */
const AWAY_MS = 5_000;

const NOTHING_HELD: Found = { seen: 'nothing could be held here', holds: null };

export interface VerifyOptions {
  /** Leaves out what takes more than a few seconds. */
  readonly quick: boolean;
}

/** Everything in order; what was begun is undone by {@link Rig.undo} whatever happens. */
export async function verify(
  rig: Rig,
  person: Person,
  steps: Steps,
  { quick }: VerifyOptions,
): Promise<void> {
  const before = await rig.view.settings();
  const check = new Check(rig, person, steps, before);
  const reading = await check.starts();
  if (reading === null) return;
  await check.idle();
  const isLidPossible = await check.lid(reading);
  if (isLidPossible) await check.person();
  await check.killed(isLidPossible);
  if (isLidPossible) await check.bothKilled();
  if (!quick) await check.left(isLidPossible);
  await check.after();
}

class Check {
  readonly #rig: Rig;
  readonly #person: Person;
  readonly #steps: Steps;
  readonly #before: Readonly<Record<string, string>>;
  #session: HolderSession | null = null;
  #hasSetUp = false;

  constructor(rig: Rig, person: Person, steps: Steps, before: Readonly<Record<string, string>>) {
    this.#rig = rig;
    this.#person = person;
    this.#steps = steps;
    this.#before = before;
  }

  async starts(): Promise<Reading | null> {
    let reading: Reading | null = null;
    const found = await this.#steps.check('The holder starts', 'it answers', async () => {
      const sinceMs = this.#rig.nowMs();
      this.#session = await this.#rig.start();
      const answeredMs = this.#rig.nowMs() - sinceMs;
      reading = await this.#session.look();
      return { seen: `answered after ${Math.round(answeredMs)} ms`, holds: true };
    });
    if (found.holds !== true || reading === null) return null;
    await this.#steps.check('Sensors', 'what this machine has', async () => ({
      seen: sensed(await this.#on().look()),
      holds: true,
    }));
    return reading;
  }

  async idle(): Promise<void> {
    await this.#takes('Idle sleep is held off', { idle: true, lid: false }, 'idle');
    await this.#releases('Idle sleep is let be', 'idle');
  }

  /** False where the lid cannot be held; then it has been said why. */
  async lid(reading: Reading): Promise<boolean> {
    if (!(await this.#isSetUp(reading))) return false;
    const found = await this.#takes('The lid is held', { idle: true, lid: true }, 'lid');
    if (found.holds !== false) return found.holds === true;
    await this.#releases('The lid is let be', 'lid');
    return false;
  }

  async #isSetUp({ effects }: Reading): Promise<boolean> {
    if (effects.lid.setUp !== 'needed') return true;
    const asked = 'The lid needs a set-up on this machine. Do it now, and undo it at the end?';
    const found = await this.#steps.check('Set-up for the lid', 'it is done', async () => {
      if (!this.#person.isThere || !(await this.#person.agrees(asked)))
        return { seen: 'skipped', holds: null };
      const { message, effects: now } = await this.#on().setUp(false);
      this.#hasSetUp = true;
      return { seen: message, holds: now.lid.setUp === 'done' };
    });
    return found.holds === true;
  }

  /** The lid is held: somebody closes it. */
  async person(): Promise<void> {
    await this.#steps.check(
      'Behind the closed lid',
      `the lid is seen to close; for ${LID_CLOSED_MS / 1_000} s nothing stands still`,
      async () => {
        const asked = `Close the lid for half a minute within ${LID_SECONDS} s, then open it. Ready?`;
        if (!this.#person.isThere || !(await this.#person.agrees(asked)))
          return { seen: 'skipped', holds: null };
        return await this.#watchLid();
      },
    );
    await this.#releases('The lid is let be', 'lid');
  }

  async #watchLid(): Promise<Found> {
    const rig = this.#rig;
    let isOver = false;
    const counting = this.#person.countDown('close the lid', LID_SECONDS, () => isOver);
    const endMs = rig.nowMs() + LID_SECONDS * 1_000;
    let closedMs = 0;
    let longestMs = 0;
    for (let atMs = rig.nowMs(); atMs < endMs && !isOver;) {
      await rig.pause(500);
      const { sensors } = await this.#on().look();
      const passedMs = rig.nowMs() - atMs;
      atMs += passedMs;
      longestMs = Math.max(longestMs, passedMs);
      if (sensors.lidClosed === true) closedMs += passedMs;
      // Opened again.
      else if (closedMs > 0) isOver = true;
    }
    isOver = true;
    await counting;
    const seen = `closed for ${Math.round(closedMs / 1_000)} s, longest standstill ${Math.round(longestMs)} ms`;
    if (closedMs === 0) return { seen: `${seen}: nobody saw it close`, holds: null };
    return { seen, holds: closedMs >= LID_CLOSED_MS && longestMs < AWAY_MS };
  }

  async killed(withLid: boolean): Promise<void> {
    await this.#steps.check(
      'SIGKILL of the holder',
      'what it held is gone, and its watchdog puts every setting back',
      async () => {
        const { pid, isHeld } = await this.#held(withLid);
        this.#rig.kill(pid);
        const found = await this.#isAsBefore(pid);
        return isHeld || found.holds === false ? found : NOTHING_HELD;
      },
    );
  }

  async bothKilled(): Promise<void> {
    await this.#steps.check(
      'SIGKILL of holder and watchdog',
      'the next holder puts every setting back',
      async () => {
        const { pid } = await this.#held(true);
        const watchdog = await this.#rig.view.watchdogOf(pid);
        if (watchdog === null) return { seen: 'no setting is changed here', holds: null };
        this.#rig.kill(watchdog);
        this.#rig.kill(pid);
        await this.#until(() => !this.#on().isAlive(), RELEASED_LIMIT_MS);
        this.#session = await this.#rig.start();
        return await this.#isAsBefore(pid);
      },
    );
  }

  async left(withLid: boolean): Promise<void> {
    await this.#steps.check(
      'A host that is gone',
      'after a minute the holder undoes everything and ends',
      async () => {
        const { pid } = await this.#held(withLid);
        const sinceMs = this.#rig.nowMs();
        this.#on().leave();
        let isOver = false;
        const counting = this.#person.countDown(
          'the lease ends',
          LEASE_LIMIT_MS / 1_000,
          () => isOver,
        );
        const ended = await this.#until(() => !this.#on().isAlive(), LEASE_LIMIT_MS);
        isOver = true;
        await counting;
        if (!ended) return { seen: 'it is still there', holds: false };
        const { seen, holds } = await this.#isAsBefore(pid);
        return {
          seen: `ended after ${Math.round((this.#rig.nowMs() - sinceMs) / 1_000)} s; ${seen}`,
          holds,
        };
      },
    );
  }

  async after(): Promise<void> {
    if (this.#hasSetUp)
      await this.#steps.check('The set-up is undone', 'it is as before', async () => {
        if (!this.#on().isAlive()) this.#session = await this.#rig.start();
        const { message, effects } = await this.#on().setUp(true);
        return { seen: message, holds: effects.lid.setUp === 'needed' };
      });
    await this.#steps.check('Everything is undone', 'every setting is as it was', async () => {
      const said = await this.#rig.undo();
      const changed = differences(this.#before, await this.#rig.view.settings());
      return { seen: changed === '' ? said : changed, holds: changed === '' };
    });
  }

  async #takes(
    what: string,
    want: { readonly idle: boolean; readonly lid: boolean },
    which: 'idle' | 'lid',
  ): Promise<Found> {
    let sinceMs = this.#rig.nowMs();
    const said = await this.#steps.check(
      what,
      'the holder reads it back as in effect',
      async () => {
        sinceMs = this.#rig.nowMs();
        const { effects } = await this.#on().want(want);
        const tookMs = Math.round(this.#rig.nowMs() - sinceMs);
        const { effective, reason, fix } = effects[which];
        const why = [reason, fix].filter((text) => text !== null).join(' ');
        // Where the system cannot be asked, or does not let it: the reason is the finding.
        if (effective !== true && why !== '') return { seen: why, holds: null };
        return {
          seen: `after ${tookMs} ms${why === '' ? '' : `; ${why}`}`,
          holds: effective === true,
        };
      },
    );
    if (said.holds !== true) return said;
    return await this.#steps.check(`${what}, by the system's own tools`, 'it is', async () => {
      const { pid } = this.#on();
      let seen = await this.#rig.view[which](pid);
      await this.#until(async () => {
        seen = await this.#rig.view[which](pid);
        return seen.holds !== false;
      }, TAKEN_LIMIT_MS);
      return seen;
    });
  }

  async #releases(what: string, which: 'idle' | 'lid'): Promise<void> {
    await this.#steps.check(
      what,
      `within ${RELEASED_LIMIT_MS / 1_000} s, by the system's own tools`,
      async () => {
        const { pid } = this.#on();
        const sinceMs = this.#rig.nowMs();
        await this.#on().want({ idle: false, lid: false });
        let seen = await this.#rig.view[which](pid);
        const isGone = await this.#until(async () => {
          seen = await this.#rig.view[which](pid);
          return seen.holds !== true;
        }, RELEASED_LIMIT_MS);
        const tookMs = Math.round(this.#rig.nowMs() - sinceMs);
        if (!isGone) return { seen: seen.seen, holds: false };
        return seen.holds === null ? seen : { seen: `after ${tookMs} ms`, holds: true };
      },
    );
  }

  /** A holder that holds; started where there is none. */
  async #held(withLid: boolean): Promise<{ readonly pid: number; readonly isHeld: boolean }> {
    if (this.#session === null || !this.#session.isAlive()) this.#session = await this.#rig.start();
    const { effects } = await this.#session.want({ idle: true, lid: withLid });
    const isHeld = effects.idle.effective === true || effects.lid.effective === true;
    return { pid: this.#session.pid, isHeld };
  }

  async #isAsBefore(pid: number): Promise<Found> {
    const sinceMs = this.#rig.nowMs();
    let idle: Found = { seen: '', holds: null };
    let changed = '';
    const isSo = await this.#until(async () => {
      idle = await this.#rig.view.idle(pid);
      changed = differences(this.#before, await this.#rig.view.settings());
      return idle.holds !== true && changed === '';
    }, RESTORED_LIMIT_MS);
    if (isSo) return { seen: `after ${Math.round(this.#rig.nowMs() - sinceMs)} ms`, holds: true };
    return { seen: [idle.holds === true ? idle.seen : '', changed].join('\n'), holds: false };
  }

  #on(): HolderSession {
    if (this.#session === null) throw new Error('There is no holder.');
    return this.#session;
  }

  async #until(isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    const endMs = this.#rig.nowMs() + limitMs;
    while (!(await isSo())) {
      if (this.#rig.nowMs() >= endMs) return false;
      await this.#rig.pause(LOOK_EVERY_MS);
    }
    return true;
  }
}

function differences(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name} was ${before[name] ?? 'not there'}, is ${now[name] ?? 'not there'}`)
    .join('\n');
}

function sensed({ sensors: { battery, heat, lidClosed, externalDisplay } }: Reading): string {
  return [
    battery === null
      ? 'no battery'
      : `battery ${battery.percent} %${battery.onMains ? ', on mains' : ''}`,
    heat === null ? 'heat not known' : `heat ${heat.celsius ?? heat.level}`,
    lidClosed === null ? 'lid not known' : `lid ${lidClosed ? 'closed' : 'open'}`,
    ...(externalDisplay === true ? ['the lid does not matter beside its display'] : []),
  ].join(', ');
}
