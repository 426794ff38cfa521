import { expect, test } from 'vitest';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import type { NoteControl } from '../../../../src/host/notes/note-port.ts';
import { Rounds } from '../../../../src/host/notes/rounds.ts';
import { SilenceOver } from '../../../../src/host/notes/silence-over.ts';
import { deviceId } from '../../../support/relay-notes.ts';

const BACK_AT = Date.parse('2026-11-21T14:20:10.000Z');
const AT = '2026-11-21T14:07:00.000Z';
const phone = deviceId();

/** A host, and the same after its next start when it is given what was kept. */
function host(kept: { text: string | null } = { text: null }) {
  const shown: { place: string; notice: Notice }[] = [];
  const said: NoteControl[] = [];
  const over = new SilenceOver({
    courier: { show: (place, notice) => void shown.push({ place, notice }) },
    rounds: new Rounds({
      read: () => kept.text,
      write: (text) => (kept.text = text),
      nowMs: () => BACK_AT + 5_000,
    }),
    silenceMinutes: () => 5,
    badge: () => 0,
    hostName: () => 'desk',
    nowMs: () => BACK_AT + 5_000,
    clockTime: (atMs) => new Date(atMs).toISOString().slice(11, 16),
  });
  const link = {
    state: { kind: 'up', sinceMs: BACK_AT } as const,
    say: (control: NoteControl) => void said.push(control),
  };
  const fired = (status: number | null, at = AT) =>
    over.fired({ type: 'notesFired', fired: [{ device: phone, at, status }] }, link);
  return { shown, said, fired, kept };
}

test('a device that was told of the silence hears once, in its place, that it is over', () => {
  const { shown, said, fired } = host();
  fired(201);
  fired(201);
  expect(shown).toEqual([
    {
      place: `device:${phone}`,
      notice: {
        ...{ id: 'silence', kind: 'machine', loud: false, title: 'desk is back' },
        body: 'Back since 14:20; it was silent for 18 min.',
        bare: 'Back since 14:20; it was silent for 18 min.',
        round: Math.floor(BACK_AT / 1_000) + 5,
        at: '2026-11-21T14:20:10.000Z',
      },
    },
  ]);
  const heard = { type: 'notesHeard', fired: [{ device: phone, at: AT }] };
  expect(said).toEqual([heard, heard]);
});

test('told again after a restart of the host, it says it under the same number, so that it is shown once', () => {
  const first = host();
  first.fired(null);
  const second = host(first.kept);
  second.fired(null);
  second.fired(201, '2026-11-21T15:00:00.000Z');
  const rounds = [...first.shown, ...second.shown].map(({ notice }) => notice.round);
  expect([rounds[0] === rounds[1], Number(rounds[2]) > Number(rounds[1])]).toEqual([true, true]);
});

test('what no push service took nobody has seen, and nobody hears of', () => {
  const { shown, said, fired } = host();
  for (const status of [404, 410, 500]) fired(status);
  expect([shown, said.length]).toEqual([[], 3]);
});

test('a store that has something else there is as one that has nothing', () => {
  const { shown, fired } = host({ text: '{"last":"no"}' });
  fired(201);
  expect(shown).toHaveLength(1);
});
