import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import type { CommandId, SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import {
  eventually,
  HostUnderTest,
  newCommandId,
  text,
} from '../../integration/support/host-under-test.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { relayProgram } from '../../support/relay-under-test.ts';
import { ChaosSurface } from '../chaos-surface.ts';
import { randomOf } from '../plan.ts';
import { RoughProxy } from './rough-proxy.ts';
import { SyncDevice } from './sync-device.ts';
import { syncPlanOf, type SyncAction } from './sync-plan.ts';

export interface SyncOptions {
  readonly cuts: number;
  readonly seed: number;
  readonly devices: number;
  readonly sessions: number;
  /** Between two cuts, on average. */
  readonly gapMs: number;
  log(line: string): void;
}

export interface SyncResult {
  readonly violations: readonly string[];
  readonly cuts: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly events: number;
  readonly commands: number;
  readonly refused: number;
  readonly connections: number;
  readonly seconds: number;
}

const SETTLE_LIMIT_MS = 120_000;
const LIVE_LIMIT_MS = 60_000;
/** Without it most phones would wait for their next try most of the time, with nothing to cut. */
const LOOK_EVERY_MS = 400;

/** Cuts everything between devices, relay and host as the plan says, and compares all histories at the end. */
export async function runSyncChaos(options: SyncOptions): Promise<SyncResult> {
  const run = new Run(options);
  try {
    return await run.all();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #options: SyncOptions;
  readonly #host = new HostUnderTest();
  readonly #local = new ChaosSurface(this.#host.home);
  readonly #counts = new Map<string, number>();
  readonly #devices: SyncDevice[] = [];
  readonly #sessions: SessionId[] = [];
  readonly #asked = new Map<CommandId, SessionId>();
  readonly #random: () => number;
  #relay: { port: number; child: ChildProcess } | null = null;
  #hostLeg: RoughProxy | null = null;
  #deviceLeg: RoughProxy | null = null;
  #isOver = false;
  #busy: Promise<void>[] = [];

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#random = randomOf(options.seed, 'work');
  }

  async all(): Promise<SyncResult> {
    const startedAt = Date.now();
    await this.#begin();
    const working = this.#work();
    const looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
    let done = 0;
    for (const action of syncPlanOf(this.#options.seed, this.#options.cuts)) {
      await this.#apply(action);
      done += 1;
      if (done % 500 === 0)
        this.#options.log(`${done} cuts, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
      await pause(-Math.log(1 - this.#random()) * this.#options.gapMs);
    }
    clearInterval(looking);
    this.#isOver = true;
    await working;
    await Promise.all(this.#busy);
    const { violations, events, refused } = await this.#settled();
    return {
      violations,
      cuts: done,
      counts: this.#counts,
      events,
      refused,
      commands: this.#asked.size,
      connections: this.#devices.reduce((sum, { connections }) => sum + connections, 0),
      seconds: (Date.now() - startedAt) / 1_000,
    };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const device of this.#devices) device.stop();
    this.#local.close();
    await this.#hostLeg?.close();
    await this.#deviceLeg?.close();
    this.#relay?.child.kill('SIGKILL');
    await this.#host.stop();
  }

  async #begin(): Promise<void> {
    const { devices, sessions } = this.#options;
    // Its port first: both proxies are names under which it is reached.
    const { port } = new URL((await this.#startRelay([])).url);
    this.#hostLeg = await RoughProxy.to(Number(port));
    this.#deviceLeg = await RoughProxy.to(Number(port));
    const via = `http://127.0.0.1:${this.#hostLeg.port}`;
    const relay = `http://127.0.0.1:${this.#deviceLeg.port}`;
    await this.#restartRelay();
    this.#host.writeConfig({ relay: { url: via }, limits: { agentProcesses: 32 } });
    for (let i = 0; i < devices; i += 1) {
      const { keys } = enrol(this.#host.home, {
        ...{ name: `phone ${i + 1}`, role: 'operator', via, relay },
      });
      this.#devices.push(new SyncDevice(keys));
    }
    await this.#host.connect();
    for (let i = 0; i < sessions; i += 1) this.#sessions.push(await this.#host.start('demo'));
    this.#local.begin();
    await eventually(async () => (this.#local.recording.isConnected ? true : null));
    for (const id of this.#sessions) await this.#local.recording.follow(id);
    for (const device of this.#devices) await device.open(this.#sessions);
    await Promise.all(this.#devices.map(async (device) => await device.current.up(LIVE_LIMIT_MS)));
    this.#options.log('all are connected');
  }

  /** Prompts from all sides, each once, for as long as there are cuts. */
  async #work(): Promise<void> {
    const sides = [...this.#devices.keys(), null];
    await Promise.all(
      sides.map(async (side) => {
        while (!this.#isOver) {
          await this.#ask(side).catch((error: unknown) => {
            if (!(error instanceof RpcFailure)) throw error;
          });
          await pause(200 + this.#random() * 1_500);
        }
      }),
    );
  }

  async #ask(side: number | null): Promise<void> {
    const sessionId = this.#sessions[Math.floor(this.#random() * this.#sessions.length)];
    if (sessionId === undefined) return;
    const commandId = newCommandId();
    const n = 5 + Math.floor(this.#random() * 60);
    const prompt = text(`SCRIPT:stream n=${n} rate=${100 + Math.floor(this.#random() * 200)}`);
    const params = { sessionId, commandId, prompt };
    if (side === null) {
      await this.#local.call('session.send', params);
      this.#asked.set(commandId, sessionId);
      return;
    }
    const device = this.#devices[side];
    if (device === undefined || device.waiting > 20) return;
    await device.send(params);
    this.#asked.set(commandId, sessionId);
  }

  async #apply(action: SyncAction): Promise<void> {
    const name = action.do === 'rough' ? `${action.leg}: ${action.how.do}` : action.do;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    switch (action.do) {
      case 'rough':
        return await this.#rough(action);
      case 'cutLocal':
        return this.#local.cut();
      case 'killRelay':
        return await this.#restartRelay();
      case 'killHost':
        return await this.#killHost();
      case 'reopen':
        return await this.#device(action.which).reopen(this.#sessions);
      case 'secondPage':
        this.#busy.push(this.#device(action.which).secondPage(action.forMs, this.#sessions));
        return;
    }
  }

  async #rough({ leg, which, how }: Extract<SyncAction, { do: 'rough' }>): Promise<void> {
    const proxy = leg === 'host' ? this.#hostLeg : this.#deviceLeg;
    // A cut that cuts nothing is none.
    await until(() => proxy?.be(which, how) ?? true, LIVE_LIMIT_MS);
  }

  /** The people look at their phones: what is down is tried, what seems up is asked. */
  #look(): void {
    for (const device of this.#devices) device.look();
  }

  #device(which: number): SyncDevice {
    const device = this.#devices[which % this.#devices.length];
    if (device === undefined) throw new Error('There are no devices.');
    return device;
  }

  async #killHost(): Promise<void> {
    const status = await this.#local.call('host.status', {});
    if (status.running) process.kill(status.pid, 'SIGKILL');
  }

  async #startRelay(args: readonly string[]) {
    const relay = await relayProgram([
      ...args,
      ...[
        '--channel-bytes-per-second',
        '100000000000',
        '--address-bytes-per-second',
        '100000000000',
      ],
    ]);
    this.#relay = { port: Number(new URL(relay.url).port), child: relay.child };
    return relay;
  }

  async #restartRelay(): Promise<void> {
    if (this.#relay === null) return;
    const { port, child } = this.#relay;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const names = [this.#hostLeg, this.#deviceLeg].flatMap((leg) =>
      leg === null ? [] : ['--name', `127.0.0.1:${leg.port}`],
    );
    await this.#startRelay(['--listen', `127.0.0.1:${port}`, ...names]);
  }

  /** The network is whole again: all that was said has an answer, and all know all. */
  async #settled(): Promise<{ violations: string[]; events: number; refused: number }> {
    this.#deviceLeg?.heal();
    this.#hostLeg?.heal();
    this.#look();
    this.#options.log('the cuts are over; waiting until all know all');
    await Promise.all(
      this.#devices.map(async (device) => {
        await device.current.up(SETTLE_LIMIT_MS);
        await device.current.until(() => (device.waiting === 0 ? true : null), SETTLE_LIMIT_MS);
      }),
    );
    const violations: string[] = [];
    let events = 0;
    let refused = 0;
    const queued = new Map<string, number>();
    for (const id of this.#sessions) {
      const stored = await this.#quiet(id);
      events += stored.length;
      for (const event of stored)
        if (event.type === 'prompt.queued')
          queued.set(event.commandId, (queued.get(event.commandId) ?? 0) + 1);
      const say = (who: string) => (what: string) => violations.push(`${who}, ${id}: ${what}`);
      for (const [index, device] of this.#devices.entries()) {
        const last = stored.at(-1)?.seq ?? 0;
        await device.current.caughtUp(id, last, SETTLE_LIMIT_MS);
        const differences = (await device.current.history(id)).differences(stored);
        differences.forEach(say(`phone ${index + 1}`));
      }
      await eventually(async () => {
        const seen = this.#local.recording.seen(id).at(-1)?.seq ?? 0;
        return seen >= (stored.at(-1)?.seq ?? 0) ? true : null;
      });
      this.#local.recording.differences(id, stored).forEach(say('local'));
    }
    for (const id of this.#asked.keys()) {
      const times = queued.get(id) ?? 0;
      const isRefused = this.#devices.some((device) => device.refused.has(id));
      if (isRefused) refused += 1;
      if (times !== (isRefused ? 0 : 1)) violations.push(`${id} was done ${times} times`);
    }
    return { violations, events, refused };
  }

  /** The host's own log of a session in which nothing goes on any more. */
  async #quiet(id: SessionId): Promise<readonly SessionEvent[]> {
    await eventually(async () => {
      const { session } = await this.#local.call('session.show', { sessionId: id });
      const isAtWork = session.turn !== null && session.turn.endedAt === null;
      return !isAtWork && session.queue.length === 0 ? true : null;
    }, SETTLE_LIMIT_MS);
    const all: SessionEvent[] = [];
    for (;;) {
      const page = { sessionId: id, after: all.at(-1)?.seq ?? 0, limit: 2_000 };
      const { events, more } = await this.#local.call('session.events', page);
      all.push(...events);
      if (!more) return all;
    }
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(look: () => boolean, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!look()) {
    if (Date.now() > end) throw new Error(`Nobody was connected for ${limitMs} ms.`);
    await pause(5);
  }
}
