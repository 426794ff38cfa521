/** "14:02", with the day where it is another one. */
function timeOf(atMs: number, nowMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  // Made when it is needed: a worker starts for each push.
  const form = new Intl.DateTimeFormat(undefined, {
    ...(!isToday && { weekday: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  });
  return form.format(atMs);
}

const cut = (text: string, max = 80): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;

const TAP = 'Tap to open.';

/** What stands on notifications and is not the host's own words. */
export const notificationWords = {
  app: 'Porchlight',
  unreadable: 'Something asks for you. Open Porchlight.',
  allow: 'Allow',
  deny: 'Deny',
  over: 'Decided before this arrived.',
  silentTitle: (host: string) => `${host} is silent`,
  silent: (host: string, sinceMs: number, nowMs: number, working: number) => {
    const heard = `${host} has not been heard of since ${timeOf(sinceMs, nowMs)}`;
    const sessions = working === 1 ? '1 session was working' : `${working} sessions were working`;
    return working === 0 ? `${heard}.` : `${heard}; ${sessions}.`;
  },
  heardTitle: (host: string) => `${host} is there`,
  heard: (host: string, atMs: number, nowMs: number) =>
    `Its relay had lost it. This phone has heard of ${host} since, at ${timeOf(atMs, nowMs)}.`,
  working: (allow: boolean) => (allow ? 'Allowing…' : 'Denying…'),
  allowed: (title: string, delivered: boolean) =>
    `Allowed: ${cut(title)}. ${delivered ? 'The agent has it.' : 'The agent does not have it yet.'}`,
  denied: (title: string, delivered: boolean) =>
    delivered ? `Denied: ${cut(title)}.` : `Denied: ${cut(title)}. The agent does not have it yet.`,
  earlier: (by: string | null, allowed: boolean | null) => {
    const what = allowed === null ? 'decided' : allowed ? 'allowed' : 'denied';
    return `Already ${what}${by === null ? '' : ` ${whereOf(by)}`}.`;
  },
  expired: 'Its time was over before you decided.',
  toCard: {
    fresh: `A rule asks for a check of you for this. ${TAP}`,
    role: `This phone may not decide this. ${TAP}`,
    other: `It asks for something else by now. ${TAP}`,
    risk: `This is to be looked at first. ${TAP}`,
    full: `Not decided: the storage of this phone is full. ${TAP}`,
  },
  notDecided: (why: string | null) =>
    `Not decided: ${why ?? 'no connection to your computer'}. ${TAP}`,
  notKnown: `It is not known whether your computer has the decision. ${TAP}`,
} as const;

function whereOf(by: string): string {
  const places: Record<string, string> = {
    window: 'in the window',
    browser: 'in the browser',
    tray: 'in the tray menu',
    cli: 'in the terminal',
    editor: 'in the editor',
    host: 'by a rule',
  };
  return places[by] ?? `on ${cut(by.replace(/^device:/, ''), 60)}`;
}
