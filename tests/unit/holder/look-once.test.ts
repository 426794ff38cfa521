import { expect, test } from 'vitest';
import { lookOnce } from '../../../src/holder/look-once.ts';
import { NotHeld, type Lock, type Platform, type Setting } from '../../../src/holder/platform.ts';
import type { HolderEffects } from '../../../src/protocol/holder.ts';

const sensors = { battery: null, heat: null, lidClosed: null, externalDisplay: null };

/** A machine with one lock for each; `refuses` says what it thinks of a lock's name. */
function machine(given: {
  refuses?: (name: string) => Error | null;
  settings?: readonly string[];
  effects?: Partial<HolderEffects>;
}) {
  const held = new Set<string>();
  const log: string[] = [];
  const lock = (name: string): Lock => ({
    name,
    take: async () => {
      log.push(`take ${name}`);
      const refusal = given.refuses?.(name) ?? null;
      if (refusal !== null) throw refusal;
      held.add(name);
    },
    letGo: async () => {
      log.push(`let go ${name}`);
      held.delete(name);
    },
    onLost: () => {},
  });
  const seen = (name: string) => ({
    effective: held.has(name),
    reason: held.has(name) ? null : `No ${name} is listed.`,
    fix: null,
  });
  const platform = {
    idleLocks: async () => [lock('idle')],
    lidLocks: async () => (given.settings === undefined ? [lock('lid')] : []),
    lidSettings: async () =>
      (given.settings ?? []).map((label): Setting => ({
        ...{ id: label, label, ours: '0', isLostInSleep: false },
        read: async () => '1',
        write: async () => void log.push(`write ${label}`),
      })),
    effects: async (): Promise<HolderEffects> => ({
      idle: seen('idle'),
      lid: { ...seen('lid'), setUp: null },
      ...given.effects,
    }),
    sensors: async () => sensors,
  };
  // What a look needs of a platform.
  return { platform: platform as unknown as Platform, log };
}

const works = { effective: true, reason: null, fix: null };

test('takes the locks, reads back whether they count, and lets go of them', async () => {
  const { platform, log } = machine({});
  expect(await lookOnce(platform)).toEqual({
    ...{ idle: works, lid: { ...works, setUp: null }, lidSettings: [], sensors },
  });
  expect(log).toEqual(['take idle', 'take lid', 'let go idle', 'let go lid']);
});

test('says why a lock was refused, with the fix, and holds nothing after', async () => {
  const { platform, log } = machine({
    refuses: (name) => (name === 'lid' ? new NotHeld('Refused over SSH.', 'Log in.') : null),
  });
  const { idle, lid } = await lookOnce(platform);
  expect([idle, lid, log.at(-1)]).toEqual([
    works,
    { effective: false, reason: 'Refused over SSH.', fix: 'Log in.', setUp: null },
    'let go lid',
  ]);
});

test('changes no setting, and takes one that could be changed for one that works', async () => {
  const { platform, log } = machine({ settings: ['What closing the lid does on battery'] });
  const { lid, lidSettings } = await lookOnce(platform);
  expect([lid, lidSettings, log]).toEqual([
    { ...works, setUp: null },
    ['What closing the lid does on battery'],
    ['take idle', 'let go idle'],
  ]);
});

test('believes what was read back, not what was taken', async () => {
  const { platform } = machine({
    effects: {
      lid: { effective: false, reason: 'KDE acts on the lid.', fix: 'Set it up.', setUp: 'needed' },
    },
  });
  expect((await lookOnce(platform)).lid).toEqual({
    ...{ effective: false, reason: 'KDE acts on the lid.', fix: 'Set it up.', setUp: 'needed' },
  });
});

test('lets go of what it took when the system breaks in the middle', async () => {
  const { platform, log } = machine({ refuses: () => null });
  const broken = { ...platform, effects: () => Promise.reject(new Error('The bus is gone.')) };
  await expect(lookOnce(broken)).rejects.toThrow('The bus is gone.');
  expect(log.slice(-2)).toEqual(['let go idle', 'let go lid']);
});
