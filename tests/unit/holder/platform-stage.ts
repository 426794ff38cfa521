import { expect } from 'vitest';
import { NotHeld, type Lock, type Platform } from '../../../src/holder/platform.ts';

export const OFF = { effective: false, reason: null, fix: null };
export const ON = { effective: true, reason: null, fix: null };

async function idleLockOf(platform: Platform): Promise<Lock> {
  const [lock] = await platform.idleLocks();
  if (lock === undefined) throw new Error('This platform has no lock against idle sleep.');
  return lock;
}

export async function takeIdle(platform: Platform): Promise<Lock> {
  const lock = await idleLockOf(platform);
  await lock.take('2 sessions are working');
  return lock;
}

/** Changes its mind while the lock is taken, and waits until both are done. */
export async function takeAndLetGo(platform: Platform): Promise<void> {
  const lock = await idleLockOf(platform);
  const taking = lock.take('').catch(() => {});
  await lock.letGo();
  await taking;
}

/** What a person is told about what was not held. */
export async function failureOf(
  act: Promise<unknown>,
): Promise<{ message: string; fix: string | null }> {
  const error: unknown = await act.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotHeld);
  // Just checked.
  const { message, fix } = error as NotHeld;
  return { message, fix };
}
