import { describe, expect, it } from 'vitest';
import { asJson, asMarkdown, withoutNames } from '../../verify-power/report.ts';
import { Steps } from '../../verify-power/steps.ts';
import { verify } from '../../verify-power/verify.ts';
import { FakeRig, fakePerson } from './fake-rig.ts';

async function verified(
  change: (rig: FakeRig) => void = () => {},
  { person = false, quick = false } = {},
) {
  const rig = new FakeRig();
  change(rig);
  const steps = new Steps(() => {});
  await verify(rig, fakePerson(person), steps, { quick });
  const of = (what: string) => steps.all.find((step) => step.what === what);
  return {
    rig,
    steps,
    of,
    broken: steps.all.filter(({ holds }) => holds === false).map(({ what }) => what),
    skipped: steps.all.filter(({ holds }) => holds === null).map(({ what }) => what),
  };
}

const closedFrom = (from: number, to: number) => (look: number) => look >= from && look <= to;

describe('the check on real hardware', () => {
  it('holds on a Mac that does as told, and leaves it as it was', async () => {
    const { steps, broken, skipped, rig } = await verified();
    expect({
      holds: steps.holds,
      broken,
      skipped,
      disableSleep: rig.mac.disableSleep,
      idle: rig.mac.isIdleHeld,
    }).toEqual({
      holds: true,
      broken: [],
      skipped: ['Behind the closed lid'],
      disableSleep: '0',
      idle: false,
    });
  });

  it('shows the words of the system for what is held', async () => {
    const { of } = await verified();
    expect([
      of("Idle sleep is held off, by the system's own tools")?.seen,
      of("The lid is held, by the system's own tools")?.seen,
    ]).toEqual([
      expect.stringMatching(/^pid \d+\(caffeinate\): .* PreventUserIdleSystemSleep named/u),
      '"AppleClamshellState" = No, "AppleClamshellCausesSleep" = Yes, "SleepDisabled" = Yes',
    ]);
  });

  it.each([
    [
      'a watchdog that forgets the setting',
      (rig: FakeRig) => (rig.watchdogForgets = true),
      ['SIGKILL of the holder'],
    ],
    [
      'a release that forgets the setting',
      (rig: FakeRig) => (rig.releaseForgets = true),
      ['The lid is let be'],
    ],
    [
      'a holder that outlives its host',
      (rig: FakeRig) => (rig.staysForEver = true),
      ['A host that is gone'],
    ],
    [
      'a pmset that does nothing',
      (rig: FakeRig) => (rig.mac.pmsetIgnores = true),
      ['The lid is held'],
    ],
    [
      'a Mac without caffeinate',
      (rig: FakeRig) => rig.mac.missing.add('/usr/bin/caffeinate'),
      ['Idle sleep is held off', 'The lid is held', 'SIGKILL of the holder', 'A host that is gone'],
    ],
  ])('does not hold with %s', async (_, change, expected) => {
    const { broken } = await verified(change);
    expect(broken).toEqual(expect.arrayContaining(expected.slice(0, 1)));
    expect(expected).toEqual(expect.arrayContaining(broken));
  });

  it('asks the person for set-up and lid, and undoes the set-up', async () => {
    const { of, broken, rig } = await verified(
      (it) => {
        it.mac.hasRule = false;
        it.lidPlan = closedFrom(4, 70);
      },
      { person: true, quick: true },
    );
    expect({
      broken,
      setUp: of('Set-up for the lid')?.holds,
      lid: of('Behind the closed lid')?.seen,
      undone: of('The set-up is undone')?.holds,
      rule: rig.mac.hasRule,
    }).toEqual({
      broken: [],
      setUp: true,
      lid: 'closed for 40 s, longest standstill 601 ms',
      undone: true,
      rule: false,
    });
  });

  it('does not hold when the Mac stood still behind its lid', async () => {
    const { of } = await verified(
      (rig) => {
        rig.lidPlan = closedFrom(4, 70);
        rig.lookMs = (look) => (look === 20 ? 30_000 : 100);
      },
      { person: true, quick: true },
    );
    expect(of('Behind the closed lid')).toMatchObject({
      seen: 'closed for 70 s, longest standstill 30501 ms',
      holds: false,
    });
  });

  it('says that nobody saw the lid close', async () => {
    const { of } = await verified(() => {}, { person: true, quick: true });
    expect(of('Behind the closed lid')).toMatchObject({
      seen: 'closed for 0 s, longest standstill 601 ms: nobody saw it close',
      holds: null,
    });
  });

  it('skips the lid when nobody can be asked for a set-up', async () => {
    const { skipped, broken } = await verified((rig) => (rig.mac.hasRule = false), { quick: true });
    expect({ skipped, broken }).toEqual({ skipped: ['Set-up for the lid'], broken: [] });
  });
});

describe('the report of it', () => {
  const names = { home: '/Users/jo.doe', host: 'Jos-Mac.local', user: 'jo.doe' };
  const report = {
    porchlight: '0.1.0',
    system: { system: 'macOS 26.1' },
    day: '2026-11-21',
    holds: false,
    steps: [
      {
        what: 'One',
        expected: 'it is',
        seen: '/Users/jo.doe/x | on Jos-Mac\nby jo.doe',
        holds: false,
      },
      { what: 'Two', expected: 'it is', seen: '', holds: null },
    ],
  };

  it('names neither the person nor the machine', () => {
    expect(asMarkdown(report, names))
      .toBe(`# Porchlight: what keeps this machine awake, checked on it

Porchlight 0.1.0, 2026-11-21. **Something does not hold.**

- system: macOS 26.1

| step | expected | seen | |
|---|---|---|---|
| One | it is | ~/x \\| on <host><br>by <user> | DOES NOT HOLD |
| Two | it is | – | not checked |
`);
    expect(asJson(report, names)).not.toMatch(/jo\.doe|Jos-Mac/u);
  });

  it('keeps words that only look like a short name', () => {
    expect(withoutNames('a root of all', { home: '/root', host: 'a', user: 'root' })).toBe(
      'a root of all',
    );
  });
});
