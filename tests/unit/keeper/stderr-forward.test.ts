import { expect, it } from 'vitest';
import { StderrForward } from '../../../src/keeper/stderr-forward.ts';

it('passes text on in pieces of 4 KiB', () => {
  const sent: string[] = [];
  new StderrForward(
    (text) => sent.push(text) > 0,
    () => 0,
  ).push('x'.repeat(10_000));
  expect(sent.map((text) => text.length)).toEqual([4_096, 4_096, 1_808]);
});

it('leaves out what is over the rate, and says how much once there is room again', () => {
  let now = 0;
  const sent: string[] = [];
  const forward = new StderrForward(
    (text) => sent.push(text) > 0,
    () => now,
  );
  forward.push('x'.repeat(300_000));
  forward.push('y'.repeat(1_000));
  now = 1_000;
  forward.push('z');
  expect([sent.join('').replace(/x+/, (all) => `${all.length}x `), sent.length]).toEqual([
    '262144x [38856 characters left out]\nz',
    66,
  ]);
});

it('keeps the last 4 KiB for somebody who listens later', () => {
  const sent: string[] = [];
  let isHeard = false;
  const forward = new StderrForward(
    (text) => isHeard && sent.push(text) > 0,
    () => 0,
  );
  forward.push('a'.repeat(5_000));
  forward.push('not signed in');
  isHeard = true;
  forward.flush();
  forward.flush();
  expect([sent.length, sent[0]?.length, sent[0]?.endsWith('not signed in')]).toEqual([
    1,
    4_096,
    true,
  ]);
});
