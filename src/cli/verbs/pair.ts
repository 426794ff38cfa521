import { createInterface } from 'node:readline/promises';
import type { HostNotice } from '../../connection/host-client.ts';
import type { Device, Role } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { PairState } from '../../protocol/pairing.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, wrongUsage } from '../failure.ts';
import { ask, linkHost, type HostLink } from '../host/host-link.ts';
import { jsonLine, oneLine } from '../output/text.ts';
import { countdown } from '../../base/countdown.ts';
import { candidateText, offerText, spaced } from '../pair/pair-text.ts';

/** A relay may have to be started first. */
const OFFER_LIMIT_MS = 45_000;
const TICK_MS = 1_000;

export interface PairOptions {
  role?: Role;
  relay?: string;
  lan?: boolean;
  /** Whose phone it is; else the owner's. */
  person?: string;
}

/** `porchlight pair`: shows the code and stays until a device is paired or the offer is over. */
export async function pair(cli: Cli, options: PairOptions): Promise<void> {
  const { role, relay, lan = false, person } = options;
  const link = await linkHost(cli);
  const states = new PairStates(link);
  const stopListening = cli.onSignal(() => states.leave('The code was taken back.'));
  cli.out.onGone(() => states.leave('Nobody reads the code any more, so it was taken back.'));
  try {
    const { state } = await link.client.call(
      'pair.offer',
      { lan, ...(role !== undefined && { role }), ...(relay !== undefined && { relay }) },
      OFFER_LIMIT_MS,
    );
    if (state.phase !== 'offered') throw new CliFailure('The host made no code. Try again.');
    await follow(cli, link, states, state, person);
  } finally {
    stopListening();
    // The offer ends with the connection that made it.
    link.close();
  }
}

/** `porchlight pair confirm DIGITS` */
export async function confirmPair(
  cli: Cli,
  given: string,
  { role, person }: Pick<PairOptions, 'role' | 'person'>,
): Promise<void> {
  const digits = given.replaceAll(/[\s-]/gu, '');
  if (!/^\d{6}$/u.test(digits))
    throw wrongUsage(`“${oneLine(given)}” are not six digits. Give those that the phone shows.`);
  const { device } = await ask(cli, 'pair.confirm', {
    digits,
    ...(role !== undefined && { role }),
    ...(person !== undefined && { person }),
  });
  await cli.out.answer({ device: row(device) }, () => pairedText(device));
}

/** `porchlight pair refuse` */
export async function refusePair(cli: Cli): Promise<void> {
  await ask(cli, 'pair.refuse', {});
  await cli.out.answer({ device: null }, () => 'Refused. Nothing was paired.');
}

async function follow(
  cli: Cli,
  link: HostLink,
  states: PairStates,
  offered: PairState & { phase: 'offered' },
  person: string | undefined,
): Promise<void> {
  const { url, expiresAt } = offered;
  if (cli.json) await cli.out.line(jsonLine({ offer: { url, expiresAt } }));
  else await cli.out.line(`${offerText(offered, cli.out.columns)}\n`);
  const clock = new Countdown(cli, Date.parse(expiresAt));
  for (;;) {
    const state = await states.next();
    if (state.phase === 'offered' && state.url === url) continue;
    clock.stop();
    if (state.phase === 'ended') throw new CliFailure(state.message);
    if (state.phase === 'paired') return await tellPaired(cli, state.device);
    if (state.phase === 'candidate') await onCandidate(cli, link, states, state, person);
    // Another surface asked for a code of its own: this one is void, which was said before.
    else if (state.phase === 'offered')
      throw new CliFailure('Another code was asked for, so this one is void.');
  }
}

async function onCandidate(
  cli: Cli,
  link: HostLink,
  states: PairStates,
  candidate: PairState & { phase: 'candidate' },
  person: string | undefined,
): Promise<void> {
  const { name, digits, role } = candidate;
  if (cli.json) return await cli.out.line(jsonLine({ candidate: { name, digits } }));
  await cli.out.line(candidateText(candidate));
  if (!cli.asks)
    return await cli.out.line(
      `If it does: porchlight pair confirm ${digits}, else: porchlight pair refuse`,
    );
  const answer = await asked(
    cli,
    states,
    `Does it show ${spaced(digits)}? Pair it as ${role}? y/N `,
  );
  // Meanwhile it was settled elsewhere: what comes next says how.
  if (answer === null) return;
  try {
    await (answer
      ? link.client.call('pair.confirm', { digits, role, ...(person !== undefined && { person }) })
      : link.client.call('pair.refuse', {}));
  } catch (error) {
    // Settled in the same moment: the state that follows has the reason.
    if (!(error instanceof RpcFailure) || !states.hasNews) throw error;
  }
}

/** The person's yes or no; null when something happened before. Ctrl-C is no answer but an end. */
async function asked(cli: Cli, states: PairStates, question: string): Promise<boolean | null> {
  const dialog = createInterface({ input: cli.stdin, output: cli.stderr });
  dialog.on('SIGINT', () => states.leave('The code was taken back.'));
  const news = new AbortController();
  const undo = states.onNews(() => news.abort());
  try {
    const said = await Promise.race([
      dialog.question(question, { signal: news.signal }),
      new Promise<string>((resolve) => dialog.once('close', () => resolve(''))),
    ]);
    return /^y(es)?$/iu.test(said.trim());
  } catch (error) {
    if (!news.signal.aborted) throw error;
    cli.out.remark('');
    return null;
  } finally {
    undo();
    dialog.close();
  }
}

async function tellPaired(cli: Cli, device: Device): Promise<void> {
  await cli.out.answer({ device: row(device) }, () => pairedText(device));
}

function row({ id, name, role }: Device): Pick<Device, 'id' | 'name' | 'role'> {
  return { id, name, role };
}

function pairedText({ name, role }: Device): string {
  return `Paired: ${oneLine(name)}, as ${role}. See: porchlight devices`;
}

/** The states that the host tells, in order, one at a time; leaving and a lost host are the last. */
class PairStates {
  readonly #waiting: PairState[] = [];
  readonly #listeners = new Set<() => void>();
  #left: string | null = null;

  constructor({ client }: HostLink) {
    client.notices.on((notice: HostNotice) => {
      if (notice.name === 'pair.state') this.#add(notice.params.state);
    });
    client.closed.on(() =>
      this.leave('The host went away, and the code with it. Start again: porchlight pair'),
    );
  }

  get hasNews(): boolean {
    return this.#left !== null || this.#waiting.length > 0;
  }

  onNews(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.hasNews) listener();
    return () => void this.#listeners.delete(listener);
  }

  leave(reason: string): void {
    this.#left ??= reason;
    for (const listener of [...this.#listeners]) listener();
  }

  async next(): Promise<PairState> {
    for (;;) {
      const state = this.#waiting.shift();
      if (state !== undefined) return state;
      if (this.#left !== null) throw new CliFailure(this.#left);
      await new Promise<void>((resolve) => {
        const undo = this.onNews(() => {
          undo();
          resolve();
        });
      });
    }
  }

  #add(state: PairState): void {
    this.#waiting.push(state);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** How long the code is good for, on one line that is written over; only for a person at a terminal. */
class Countdown {
  readonly #cli: Cli;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(cli: Cli, endsAtMs: number) {
    this.#cli = cli;
    if (!cli.asks) return;
    const tell = (): void =>
      void cli.out.write(
        `\r\u001b[KWaiting for a phone, ${countdown(endsAtMs - cli.nowMs())} left. Ctrl-C takes the code back.`,
      );
    tell();
    this.#timer = setInterval(tell, TICK_MS);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    void this.#cli.out.write('\r\u001b[K');
  }
}
