/** Between two times of day, `HH:MM`, which may span midnight; null: none. */
export type QuietHours = { readonly from: string; readonly to: string } | null;

/** By the clock on the wall, as this machine shows it: an hour that a change of the clock skips, or tells twice, is quiet as often as it is shown. */
export function isQuiet(quiet: QuietHours, wallMs: number): boolean {
  if (quiet === null) return false;
  const at = new Date(wallMs);
  const now = at.getHours() * 60 + at.getMinutes();
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  return from <= to ? from <= now && now < to : now >= from || now < to;
}

/** When the quiet hours that are now will be over, as the clock on the wall stands; null: none are. */
export function quietUntil(quiet: QuietHours, wallMs: number): Date | null {
  if (quiet === null || !isQuiet(quiet, wallMs)) return null;
  const minutes = minutesOf(quiet.to);
  const end = new Date(wallMs);
  end.setHours(Math.floor(minutes / 60), minutes % 60, 0, 0);
  if (end.getTime() <= wallMs) end.setDate(end.getDate() + 1);
  return end;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
