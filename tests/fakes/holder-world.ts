import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { silentLogger } from '../../src/base/log.ts';
import { Holder } from '../../src/holder/holder.ts';
import { SettingClaims } from '../../src/holder/setting-claims.ts';
import { watchOver } from '../../src/holder/watchdog.ts';
import type { HolderEffects, HolderNotice, HolderRequest } from '../../src/protocol/holder.ts';
import type { FakeMachine, FakeProcess } from './fake-machine.ts';

export interface Want {
  readonly idle: boolean;
  readonly lid: boolean;
}

const RENEW_MS = 15_000;

/** One end of a connection, as far as the holder uses one. */
export class FakeSocket extends EventEmitter {
  readonly writableLength = 0;
  readonly frames: unknown[] = [];
  isDestroyed = false;
  /** Each frame that the holder writes. */
  onText: (text: string) => void = () => {};

  write(text: string): void {
    for (const line of text.split('\n'))
      if (line !== '') {
        this.frames.push(JSON.parse(line));
        this.onText(line);
      }
  }

  end(done: () => void): void {
    done();
    this.destroy();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.emit('close');
  }

  /** From the other end. */
  send(text: string): void {
    if (!this.isDestroyed) this.emit('data', Buffer.from(text));
  }

  get asSocket(): Socket {
    // The holder uses these few members only.
    return this as unknown as Socket;
  }
}

interface Running {
  readonly process: FakeProcess;
  readonly holder: Holder;
}

/** One home on the machine: its host, the holder that it starts, and that one's watchdogs. */
export class HolderWorld {
  readonly machine: FakeMachine;
  readonly home: string;
  running: Running | null = null;
  readonly watchdogs = new Set<FakeProcess>();
  want: Want = { idle: false, lid: false };
  isHostAlive = false;
  /** When the holder last heard of a host, of the machine's waking time. */
  heardAtMs = 0;
  socket: FakeSocket | null = null;
  #id = 0;
  #stopRenewing: () => void = () => {};

  constructor(machine: FakeMachine, home: string) {
    this.machine = machine;
    this.home = home;
  }

  get problems(): string[] {
    return this.notices.flatMap((notice) => (notice.tell === 'problem' ? [notice.message] : []));
  }

  get lastEffects(): HolderEffects | null {
    return this.notices.findLast((notice) => notice.tell === 'effects')?.effects ?? null;
  }

  readonly notices: HolderNotice[] = [];

  /** It starts a holder where there is none. */
  hostComes(): void {
    if (this.isHostAlive) return;
    this.isHostAlive = true;
    if (this.running === null) this.startHolder();
    this.#connect();
    this.#renewLater();
  }

  hostDies(): void {
    this.isHostAlive = false;
    this.#stopRenewing();
    this.socket?.destroy();
    this.socket = null;
  }

  setWant(want: Want): void {
    this.want = want;
    if (this.isHostAlive) this.ask({ do: 'want', ...want, why: 'a session is working' });
  }

  ask(request: HolderRequest): void {
    this.heardAtMs = this.machine.awakeMs;
    this.socket?.send(`${JSON.stringify({ id: ++this.#id, ...request })}\n`);
  }

  /** The answer to the last request; null while there is none. */
  get answer(): unknown {
    const found = this.socket?.frames.findLast(
      (frame) =>
        typeof frame === 'object' && frame !== null && 'id' in frame && frame.id === this.#id,
    );
    return found ?? null;
  }

  startHolder(): void {
    const process = this.machine.start(this.home);
    const { timers, platform, journal } = process;
    let watchdog: { process: FakeProcess; pipe: EventEmitter } | null = null;
    let isWatched = false;
    const ensure = (): void => {
      isWatched = true;
      watchdog ??= this.#startWatchdog(() => {
        watchdog = null;
        timers.after(1_000, () => {
          if (isWatched) ensure();
        });
      });
    };
    const holder = new Holder({
      version: '1.0.0',
      platform,
      journal,
      claims: claimsOf(process),
      watchdog: {
        ensure: async () => ensure(),
        end: (undone) => {
          isWatched = false;
          if (undone) watchdog?.pipe.emit('data', Buffer.from('done\n'));
          watchdog?.pipe.emit('end');
        },
      },
      timers,
      wallMs: () => timers.nowMs(),
      random: () => 0.5,
      log: silentLogger,
      closeDoor: () => {},
      exit: () => process.kill(),
    });
    process.onDeath.push(() => {
      watchdog?.pipe.emit('end');
      this.running = null;
      this.socket?.destroy();
      this.socket = null;
      // A host that had a holder starts another at once.
      if (this.isHostAlive)
        this.machine.time.after(100, () => {
          if (!this.isHostAlive || this.running !== null) return;
          this.startHolder();
          this.#connect();
        });
    });
    this.running = { process, holder };
    this.heardAtMs = this.machine.awakeMs;
    holder.start();
  }

  #startWatchdog(onDeath: () => void): { process: FakeProcess; pipe: EventEmitter } {
    const process = this.machine.start(this.home);
    const pipe = new EventEmitter();
    this.watchdogs.add(process);
    process.onDeath.push(() => {
      this.watchdogs.delete(process);
      onDeath();
    });
    const { timers, platform, journal } = process;
    void watchOver(
      // It listens for data and the end only.
      pipe as unknown as Readable,
      {
        journal,
        claims: claimsOf(process),
        platform,
        timers,
        random: () => 0.5,
        log: silentLogger,
      },
    ).then(() => process.kill());
    return { process, pipe };
  }

  #connect(): void {
    const socket = new FakeSocket();
    this.socket = socket;
    socket.onText = (text) => {
      const frame: unknown = JSON.parse(text);
      if (typeof frame === 'object' && frame !== null && 'tell' in frame)
        // Written by the holder a moment ago.
        this.notices.push(frame as HolderNotice);
    };
    this.running?.holder.accept(socket.asSocket);
    this.ask({ do: 'hello', protocol: 1, hostPid: 1, hostVersion: '1.0.0' });
    this.setWant(this.want);
  }

  #renewLater(): void {
    this.#stopRenewing = this.machine.time.after(RENEW_MS, () => {
      if (this.running !== null) this.setWant(this.want);
      this.#renewLater();
    });
  }
}

function claimsOf({ journal, me, isLiving, timers }: FakeProcess): SettingClaims {
  return new SettingClaims({ journal, me, isAlive: isLiving, timers });
}
