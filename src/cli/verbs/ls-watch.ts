import { setTimeout as delay } from 'node:timers/promises';
import type { SessionSummary, SessionStateName } from '../../protocol/session/state.ts';
import type { Cli, Terminal } from '../cli.ts';
import { isNotable, pulseWords, wayOut } from '../output/reach-text.ts';
import { sessionRows, sessionTable } from '../output/session-table.ts';
import { jsonLine, oneLine } from '../output/text.ts';
import { DeskList, followDesk } from '../watch/follow-desk.ts';
import { LivePage, roomFor } from '../watch/live-page.ts';
import { unlessLeaving } from '../watch/unless-leaving.ts';

/** At most four times a second. */
const PAUSE_MS = 250;
/** So that ages go on. */
const TICK_MS = 1_000;

/** `porchlight ls --watch`. Leaving it, by Ctrl-C or because the reader left, is no failure. */
export async function watchSessions(cli: Cli, options: { all?: boolean }): Promise<void> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const undo = [cli.onSignal(() => leaving.abort())];
  cli.out.onGone(() => leaving.abort());
  const list = new DeskList();
  const shown = (): SessionSummary[] =>
    list.sessions.filter(({ archived }) => options.all === true || !archived);
  const wake = new Wake(signal);
  const view = viewOf(cli, list, shown);
  if (cli.terminal !== null) undo.push(cli.terminal.onResize(() => wake.up()));
  let isThere = false;
  const printing = print(view, wake, signal, () => isThere);
  try {
    await followDesk(cli, list, {
      signal,
      changed: () => {
        isThere = true;
        view.isBack();
        wake.up();
      },
      remark: (words) => {
        view.remark(words);
        wake.up();
      },
    });
  } finally {
    leaving.abort();
    await printing;
    for (const end of undo) end();
    view.end();
  }
}

interface View {
  /** In ms; null: only where something has changed. */
  readonly tickMs: number | null;
  print(signal: AbortSignal): Promise<void>;
  remark(text: string): void;
  /** The list is as the host has it now. */
  isBack(): void;
  end(): void;
}

function viewOf(cli: Cli, list: DeskList, shown: () => SessionSummary[]): View {
  if (cli.json) return jsonView(cli, list, shown);
  if (cli.terminal === null) return plainView(cli, list, shown);
  return liveView(cli, cli.terminal, list, shown);
}

/** One line for each change: the whole list. */
function jsonView(cli: Cli, list: DeskList, shown: () => SessionSummary[]): View {
  let last: string | null = null;
  return {
    tickMs: null,
    print: async (signal) => {
      const rows = sessionRows(shown()).map((row) => ({
        ...row,
        pulse: list.pulseOf(row.id)?.pulse ?? null,
      }));
      const line = jsonLine(rows);
      if (line === last) return;
      last = line;
      await unlessLeaving(cli.out.line(line), signal);
    },
    remark: (text) => cli.out.remark(text),
    isBack: () => {},
    end: () => {},
  };
}

/** The table anew, under an empty line. */
function plainView(cli: Cli, list: DeskList, shown: () => SessionSummary[]): View {
  let last: string | null = null;
  return {
    tickMs: null,
    print: async (signal) => {
      const sessions = shown();
      // Ages alone are no change.
      const now = jsonLine([sessions, sessions.map(({ id }) => list.pulseOf(id)), list.problems]);
      if (now === last) return;
      const gap = last === null ? '' : '\n';
      last = now;
      await unlessLeaving(
        cli.out.line(`${gap}${pageText(sessions, list, cli.nowMs(), cli.out.columns)}`),
        signal,
      );
    },
    remark: (text) => cli.out.remark(text),
    isBack: () => {},
    end: () => {},
  };
}

function liveView(
  cli: Cli,
  terminal: Terminal,
  list: DeskList,
  shown: () => SessionSummary[],
): View {
  const page = new LivePage();
  let remark = '';
  let last = '';
  return {
    tickMs: TICK_MS,
    print: async (signal) => {
      const size = terminal.size();
      const words = remark === '' ? [] : [remark];
      const text = pageText(shown(), list, cli.nowMs(), size.columns, roomFor(size), words);
      const now = jsonLine([text, size]);
      if (now === last) return;
      last = now;
      await unlessLeaving(cli.out.write(page.paint(text, size)), signal);
    },
    // On stderr it would stand in the middle of what is painted over.
    remark: (text) => (remark = text),
    isBack: () => (remark = ''),
    end: () => void cli.out.write(page.end()),
  };
}

/** The table, and below it what to do about what does not go on. At most `room` lines. */
export function pageText(
  sessions: readonly SessionSummary[],
  list: Pick<DeskList, 'pulseOf' | 'problems'>,
  nowMs: number,
  columns?: number,
  room = Number.POSITIVE_INFINITY,
  remarks: readonly string[] = [],
): string {
  const below = [
    ...sessions.flatMap(({ id }) => {
      const pulse = list.pulseOf(id);
      return pulse === null ? [] : (wayOut(pulse) ?? []);
    }),
    ...list.problems.map(({ message }) => `! ${oneLine(message)}`),
    ...remarks,
  ].slice(0, Math.max(0, Math.floor(room / 3)));
  // A heading, and the line that says how many are not shown.
  const kept = mostAlive(sessions, Math.max(1, room - below.length - 2));
  const more = (session: SessionSummary): string | null => {
    const pulse = list.pulseOf(session.id);
    return pulse !== null && isNotable(pulse.pulse) ? pulseWords(pulse, nowMs) : null;
  };
  const hidden = sessions.length - kept.length;
  return [
    sessionTable(kept, { nowMs, columns, more }, sessions),
    ...(hidden === 0 ? [] : [`… and ${hidden} more: porchlight ls`]),
    ...below,
  ].join('\n');
}

const RANK: Readonly<Record<SessionStateName, number>> = {
  ...{ waiting: 0, failed: 1, working: 2, starting: 2, parked: 3, idle: 4, ended: 5 },
};

/** In their own order: where not all have room, those that ask for a person before those at rest. */
function mostAlive(sessions: readonly SessionSummary[], room: number): readonly SessionSummary[] {
  if (sessions.length <= room) return sessions;
  const kept = new Set(sessions.toSorted((a, b) => RANK[a.state] - RANK[b.state]).slice(0, room));
  return sessions.filter((session) => kept.has(session));
}

/** Prints when something has changed, and never faster than a person or a reader can follow. */
async function print(
  view: View,
  wake: Wake,
  signal: AbortSignal,
  isThere: () => boolean,
): Promise<void> {
  while (!signal.aborted) {
    await wake.next(view.tickMs);
    if (signal.aborted) return;
    if (!isThere()) continue;
    await view.print(signal);
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

/** Any number of changes wake once. */
class Wake {
  #isDue = false;
  #resolve: () => void = () => {};

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.up(), { once: true });
  }

  up(): void {
    this.#isDue = true;
    this.#resolve();
  }

  async next(tickMs: number | null): Promise<void> {
    if (!this.#isDue) {
      await new Promise<void>((resolve) => {
        const timer = tickMs === null ? null : setTimeout(resolve, tickMs);
        this.#resolve = () => {
          if (timer !== null) clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isDue = false;
  }
}
