import { askBus, type BusAnswer, type BusCall } from '../session-bus.ts';
import type { NoticeDaemon } from './notice-daemon.ts';

/** Asked anew after that: daemons come, go and hang. */
const KNOWN_FOR_MS = 30_000;
const CAPABILITIES: BusCall = {
  service: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
  method: 'GetCapabilities',
};

/**
 * The desktop's own notification daemon. Asked beforehand and aside, because libnotify asks it on the
 * main thread: one that hangs would hold up the whole tray app for 25 s.
 */
export function linuxDaemon(
  nowMs: () => number,
  ask: (call: BusCall) => Promise<BusAnswer> = askBus,
): NoticeDaemon {
  let known: { readonly atMs: number; readonly answer: BusAnswer } | null = null;
  let asking: Promise<string | null> | null = null;
  const askAnew = async (): Promise<string | null> => {
    const answer = await ask(CAPABILITIES);
    known = answer.kind === 'said' ? { atMs: nowMs(), answer } : null;
    asking = null;
    return problemOf(answer);
  };
  return {
    // One question for all who come meanwhile, so that they are shown in their order.
    look: async () =>
      known !== null && nowMs() - known.atMs <= KNOWN_FOR_MS && asking === null
        ? null
        : await (asking ??= askAnew()),
    // Notification Specification 1.2, "Markup". Who cannot be asked most likely reads markup.
    body: (text) =>
      known?.answer.kind === 'said' && !/\bbody-markup\b/.test(known.answer.text)
        ? text
        : escaped(text),
  };
}

function problemOf(answer: BusAnswer): string | null {
  switch (answer.kind) {
    case 'refused':
      return 'No program on this desktop shows notifications: org.freedesktop.Notifications has no owner on the session bus.';
    case 'silent':
      return 'The program that shows this desktop’s notifications does not answer.';
    case 'said':
    case 'unknown':
      return null;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
