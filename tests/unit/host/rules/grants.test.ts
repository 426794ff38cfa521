import { beforeEach, describe, expect, it } from 'vitest';
import { Grants } from '../../../../src/host/rules/grants.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { Rule } from '../../../../src/protocol/rules/rule.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-05-01T12:00:00Z');

/** A store in memory whose transaction can fail. */
class Memory {
  readonly values = new Map<string, string>();

  meta(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  commit(work: (tx: { putMeta(key: string, value: string): void }) => void): void {
    const before = new Map(this.values);
    try {
      work({ putMeta: (key, value) => void this.values.set(key, value) });
    } catch (error) {
      this.values.clear();
      for (const [key, value] of before) this.values.set(key, value);
      throw error;
    }
  }
}

let store: Memory;
let wallMs: number;
let steadyMs: number;
let session: 'there' | 'ended' | 'gone';

beforeEach(() => {
  store = new Memory();
  wallMs = NOON;
  steadyMs = NOON;
  session = 'there';
});

/** As a host that starts now has them. */
function grants(): Grants {
  return new Grants({
    store,
    commit: (work) => store.commit(work),
    clock: { wallMs: () => wallMs, steadyMs: () => steadyMs },
    session: () => session,
  });
}

function pass(ms: number): void {
  wallMs += ms;
  steadyMs += ms;
}

const UNTIL_ONE: Rule = { decision: 'allow', until: '2026-05-01T13:00:00Z' };
const TWICE: Rule = { decision: 'allow', uses: 2 };
const SESSION = sessionIdSchema.parse('s_aaaaaaaaaaaa');

function isInForce(of: Grants, rule: Rule): boolean {
  return of.standing('r_1', rule).ended === null;
}

function use(of: Grants, rule: Rule): boolean {
  let was = false;
  store.commit((tx) => (was = of.used(tx, 'r_1', rule)));
  return was;
}

describe('a grant', () => {
  it('without an end is always in force and never counted', () => {
    const rule: Rule = { decision: 'allow' };
    const all = grants();
    pass(1_000 * HOUR_MS);
    expect([all.standing('r_1', rule), use(all, rule), store.values.size]).toEqual([
      { ended: null, endedMs: null },
      true,
      0,
    ]);
  });

  it('ends at its time', () => {
    const all = grants();
    const before = isInForce(all, UNTIL_ONE);
    pass(HOUR_MS);
    expect([before, all.standing('r_1', UNTIL_ONE)]).toEqual([
      true,
      { ended: 'it ended at 2026-05-01T13:00:00.000Z', endedMs: NOON + HOUR_MS },
    ]);
  });

  it('ends on time though the clock is set back while the host runs', () => {
    const all = grants();
    isInForce(all, UNTIL_ONE);
    wallMs -= 5 * HOUR_MS;
    pass(HOUR_MS / 2);
    const half = isInForce(all, UNTIL_ONE);
    pass(HOUR_MS / 2);
    expect([half, isInForce(all, UNTIL_ONE)]).toEqual([true, false]);
  });

  it('that has ended does not come back with a clock that is set back, nor with the next host', () => {
    const all = grants();
    isInForce(all, UNTIL_ONE);
    pass(HOUR_MS);
    isInForce(all, UNTIL_ONE);
    wallMs = NOON;
    const here = isInForce(all, UNTIL_ONE);
    all.note(new Map([['r_1', UNTIL_ONE]]));
    steadyMs = NOON;
    expect([here, isInForce(grants(), UNTIL_ONE)]).toEqual([false, false]);
  });

  it('goes on from the latest time that was seen, for the next host too', () => {
    const all = grants();
    isInForce(all, UNTIL_ONE);
    pass(0.75 * HOUR_MS);
    all.note(new Map([['r_1', UNTIL_ONE]]));
    wallMs = NOON - 20 * HOUR_MS;
    const next = grants();
    const before = isInForce(next, UNTIL_ONE);
    pass(HOUR_MS / 4);
    expect([before, isInForce(next, UNTIL_ONE)]).toEqual([true, false]);
  });

  it('made after the clock was far ahead for a while is in force', () => {
    const all = grants();
    wallMs += 10_000 * HOUR_MS;
    all.standing('r_other', { decision: 'allow', until: '2026-05-01T12:30:00Z' });
    wallMs = NOON;
    expect(isInForce(all, UNTIL_ONE)).toBe(true);
  });

  it('counts its calls with the decisions, and is never used once too often', () => {
    const all = grants();
    const left = () => all.standing('r_1', TWICE).usesLeft;
    const seen = [left(), use(all, TWICE), left(), use(all, TWICE), left(), use(all, TWICE)];
    expect([seen, isInForce(grants(), TWICE)]).toEqual([[2, true, 1, true, 0, false], false]);
  });

  it('counts a call twice in one transaction as two', () => {
    const all = grants();
    const once: Rule = { decision: 'allow', uses: 1 };
    const was: boolean[] = [];
    store.commit((tx) => was.push(all.used(tx, 'r_1', once), all.used(tx, 'r_1', once)));
    expect(was).toEqual([true, false]);
  });

  it('is not used up by a decision that was not kept', () => {
    const all = grants();
    const once: Rule = { decision: 'allow', uses: 1 };
    const fails = () =>
      store.commit((tx) => {
        all.used(tx, 'r_1', once);
        all.standing('r_1', once);
        throw new Error('the disk is full');
      });
    expect(fails).toThrow('the disk is full');
    expect([isInForce(all, once), use(all, once), isInForce(all, once)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('that allows ends with its session, for good; one that denies holds when it is resumed', () => {
    const all = grants();
    const allow: Rule = { decision: 'allow', session: SESSION };
    const deny: Rule = { decision: 'deny', session: SESSION };
    session = 'ended';
    const ended = [all.standing('r_1', allow).ended, all.standing('r_2', deny).ended];
    session = 'there';
    const resumed = [isInForce(all, allow), all.standing('r_2', deny).ended];
    session = 'gone';
    expect([ended, resumed, all.standing('r_2', deny).ended]).toEqual([
      [`its session ${SESSION} has ended`, null],
      [false, null],
      `its session ${SESSION} is gone`,
    ]);
  });

  it('is forgotten a month after it stood in any file', () => {
    const all = grants();
    use(all, TWICE);
    all.note(new Map([['r_1', TWICE]]));
    pass(31 * 24 * HOUR_MS);
    all.note(new Map());
    expect([...store.values.values()]).toEqual(['{}', '{}']);
  });
});
