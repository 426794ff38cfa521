import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../src/base/log.ts';
import { withDeadline } from '../../src/base/deadline.ts';
import { systemClock } from '../../src/relay/clock.ts';
import { DEFAULT_LIMITS, type RelayLimits } from '../../src/relay/limits.ts';
import { Relay, type RelayOptions } from '../../src/relay/relay.ts';
import { RELAY_PATH } from '../../src/protocol/relay.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'relay', 'main.js');
const START_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 5_000;

/** Loopback is one address, and a test comes and goes more often than any phone. */
const LIMITS_FOR_TESTS: RelayLimits = {
  ...DEFAULT_LIMITS,
  maxPerAddress: 10_000,
  maxPerChannel: 10_000,
  addressConnects: { burst: 100_000, perSecond: 10_000 },
  channelConnects: { burst: 100_000, perSecond: 10_000 },
};
const FLAGS_FOR_TESTS = [
  ...['--max-per-address', '10000'],
  ...['--max-per-channel', '10000'],
  ...['--connects-per-second', '10000'],
];

export interface RelayUnderTest {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Where a WebSocket connects. */
  readonly socketUrl: string;
  /** What clients sign as the name that they dialled. */
  readonly authority: string;
  stop(): Promise<void>;
}

/** A relay in this process, on a free port. */
export async function relayHere(
  options: Partial<Omit<RelayOptions, 'limits'>> & { limits?: Partial<RelayLimits> } = {},
): Promise<RelayUnderTest & { relay: Relay }> {
  const relay = new Relay({
    names: [],
    trustProxy: false,
    clock: systemClock,
    log: silentLogger,
    version: '0.0.0-test',
    page: null,
    allowConnect: [],
    notes: null,
    mail: null,
    cluster: null,
    ...options,
    limits: { ...LIMITS_FOR_TESTS, ...options.limits },
  });
  const url = await relay.listen({ host: '127.0.0.1', port: 0 });
  return { relay, ...addresses(url), stop: async () => await relay.stop() };
}

/** The built program on a free port; `args` come last, so that they win. */
export async function relayProgram(
  args: readonly string[] = [],
): Promise<RelayUnderTest & { child: ChildProcess; stderr(): string }> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [program, ...listen, ...FLAGS_FOR_TESTS, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The relay ended before it was ready: ${stderr}`);
  });
  const ready = once(createInterface({ input: child.stdout }), 'line');
  try {
    const [line] = await withDeadline(
      Promise.race([ready, ended]),
      START_LIMIT_MS,
      'Starting the relay',
    );
    const { listening } = JSON.parse(String(line)) as { listening: string[] };
    return {
      child,
      stderr: () => stderr,
      ...addresses(String(listening[0])),
      stop: async () => await end(child),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    ended.catch(() => {});
  }
}

function addresses(url: string) {
  const { host } = new URL(url);
  return { url, socketUrl: `ws://${host}${RELAY_PATH}`, authority: host };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await withDeadline(gone, STOP_LIMIT_MS, 'Ending the relay').catch(() => child.kill('SIGKILL'));
}
