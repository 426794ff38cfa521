import type { PowerPolicy } from '../../protocol/power.ts';

/** By the clock on the wall, as this machine shows it: an hour that a change of the clock skips, or tells twice, is quiet as often as it is shown. */
export function isQuiet(quiet: PowerPolicy['quietHours'], wallMs: number): boolean {
  if (quiet === null) return false;
  const at = new Date(wallMs);
  const now = at.getHours() * 60 + at.getMinutes();
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  return from <= to ? from <= now && now < to : now >= from || now < to;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
