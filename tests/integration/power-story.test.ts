import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holderPids } from '../bench/power/power-rig.ts';
import { type Inhibitor, RealLogind, whyNoLogind } from '../support/real-logind.ts';
import { TestBuses } from '../support/test-bus.ts';
import { CliUnderTest, type Status } from './cli-under-test.ts';
import { eventually, isAlive } from './support/host-under-test.ts';

/** A release within 2 s is the promise; the rest is a busy machine. */
const LIMIT_MS = 8_000;

interface Power {
  readonly holds: { readonly id: string; readonly kind: string; readonly reason: string }[];
  readonly idle: { readonly wanted: boolean; readonly effective: boolean | null };
  readonly lid: { readonly wanted: boolean; readonly effective: boolean | null };
  readonly safeToCloseLid: boolean;
  readonly codes: readonly string[];
}

/** The built programs, driven by the command line, on a real logind of their own. */
describe.skipIf(whyNoLogind() !== null)('keeping the machine awake', () => {
  let buses: TestBuses;
  let logind: RealLogind;
  let bench: CliUnderTest;
  beforeAll(async () => {
    buses = await TestBuses.start();
    logind = await RealLogind.start(buses);
    Object.assign(process.env, buses.env);
  });
  afterAll(async () => await buses.stop());
  beforeEach(() => {
    bench = homeWith({});
  });
  afterEach(async () => {
    await bench.end();
    await untilBlocked([]);
  });

  /** Where the sensors of the machine that this runs on have no say. */
  function homeWith(power: object): CliUnderTest {
    const made = new CliUnderTest();
    const config = JSON.parse(readFileSync(`${made.home}/config.json`, 'utf8')) as object;
    made.configure({ ...config, power: { batteryFloor: 0, heatStop: 110, ...power } });
    return made;
  }

  async function blocked(): Promise<string[]> {
    return lines(await logind.inhibitors());
  }

  async function untilBlocked(expected: readonly string[]): Promise<void> {
    await expect
      .poll(blocked, { timeout: LIMIT_MS, interval: 20, message: 'the block locks of logind' })
      .toEqual(expected);
  }

  async function power(home = bench): Promise<Power> {
    return await home.json<Power>('power');
  }

  test('a turn holds it and lets it go; the lid too when the policy says so; the light says what is so', async () => {
    const session = await bench.start('SCRIPT:hang cancel=ok');
    await untilBlocked(['idle']);
    const awake = await power();
    expect({ ...awake, holds: awake.holds.map(({ kind }) => kind) }).toMatchObject({
      holds: ['working'],
      idle: { wanted: true, effective: true },
      lid: { wanted: false },
      safeToCloseLid: false,
      codes: ['lidNotWanted'],
    });
    await bench.json('power', 'policy', 'keepAwake=lid');
    await untilBlocked(['handle-lid-switch', 'idle']);
    expect(await power()).toMatchObject({
      idle: { wanted: true, effective: true },
      lid: { wanted: true, effective: true },
      safeToCloseLid: true,
      codes: [],
    });
    // The system's own list is for every user to read.
    const shown = (await logind.inhibitors()).map(({ why }) => why).join();
    expect(shown).not.toContain('hang');
    await bench.json('cancel', session);
    await untilBlocked([]);
    expect(await power()).toMatchObject({ holds: [], safeToCloseLid: false, codes: ['noWork'] });
    const config = JSON.parse(readFileSync(`${bench.home}/config.json`, 'utf8')) as object;
    expect(config).toMatchObject({ power: { keepAwake: 'lid', heatStop: 110 } });
  });

  test('a person holds it for a time, sees it listed, and releases it', async () => {
    const hold = await bench.json<{ id: string }>(
      ...['power', 'hold', '--for', '2h', '--lid', '--reason', 'a build elsewhere'],
    );
    await untilBlocked(['handle-lid-switch', 'idle']);
    const { holds, safeToCloseLid } = await power();
    expect([holds, safeToCloseLid]).toEqual([
      [expect.objectContaining({ id: hold.id, kind: 'user', reason: 'a build elsewhere' })],
      true,
    ]);
    expect(await bench.json('power', 'release', hold.id)).toEqual({ released: 1 });
    await untilBlocked([]);
    expect((await bench.run('power', 'release', hold.id, '--json')).code).toBe(1);
  });

  test('a host that is killed, and a holder that is, leave it held; host stop leaves nothing', async () => {
    await bench.start('SCRIPT:hang');
    await untilBlocked(['idle']);
    const seen = new Set<string>();
    let looking = true;
    const look = (async () => {
      while (looking) seen.add(lines(await logind.inhibitors()).join());
    })();
    const before = await bench.json<Status>('host', 'status');
    process.kill(before.pid, 'SIGKILL');
    await eventually(async () => {
      const { code, stdout } = await bench.run('host', 'status', '--json');
      return code === 0 && (JSON.parse(stdout) as Status).pid !== before.pid ? true : null;
    });
    expect(await power()).toMatchObject({ idle: { wanted: true, effective: true } });
    looking = false;
    await look;
    expect([...seen]).toEqual(['idle']);

    const [holder = 0] = holderPids(bench.home);
    process.kill(holder, 'SIGKILL');
    await eventually(async () => {
      const [next] = holderPids(bench.home);
      return next !== undefined && next !== holder ? true : null;
    });
    await untilBlocked(['idle']);

    expect(await bench.json('host', 'stop', '--force')).toEqual({ running: false });
    expect([await logind.inhibitors(), holderPids(bench.home)]).toEqual([[], []]);
  });

  test('host stop ends a holder whose host and keeper were killed', async () => {
    await bench.json('power', 'hold');
    await untilBlocked(['idle']);
    const { pid, keeperPid } = await bench.json<Status>('host', 'status');
    for (const each of [keeperPid, pid]) process.kill(each, 'SIGKILL');
    await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
    expect([await blocked(), holderPids(bench.home).length]).toEqual([['idle'], 1]);
    expect(await bench.json('host', 'stop')).toEqual({ running: false });
    expect([await blocked(), holderPids(bench.home)]).toEqual([[], []]);
  });

  test('two homes hold one machine, and each lets go of its own', async () => {
    const other = homeWith({});
    try {
      await Promise.all([bench.json('power', 'hold'), other.json('power', 'hold', '--lid')]);
      await untilBlocked(['handle-lid-switch', 'idle', 'idle']);
      expect(await other.json('host', 'stop')).toEqual({ running: false });
      await untilBlocked(['idle']);
      expect(await power()).toMatchObject({ idle: { wanted: true, effective: true } });
      expect(await bench.json('power', 'release')).toEqual({ released: 1 });
      await untilBlocked([]);
    } finally {
      await other.end();
    }
  });

  test('a host without work starts no holder', async () => {
    await bench.json('host', 'start');
    expect(await bench.json('ls')).toEqual([]);
    expect([await logind.inhibitors(), holderPids(bench.home)]).toEqual([[], []]);
  });

  test('doctor looks without a host, holds nothing after, and makes no home', async () => {
    const before = readdirSync(bench.home);
    expect(await doctor()).toEqual({
      awake: [true, 'idle sleep can be held off'],
      lid: [true, 'sleep by the lid can be held off'],
      'power left': [true, 'no power setting of this machine is changed'],
    });
    expect([await logind.inhibitors(), readdirSync(bench.home)]).toEqual([[], before]);
    await bench.json('power', 'hold', '--lid');
    await untilBlocked(['handle-lid-switch', 'idle']);
    expect(await doctor()).toMatchObject({
      awake: [true, 'idle sleep is held off'],
      lid: [true, 'sleep by the lid is held off'],
    });
  });

  test('uninstall ends all of it, asks where sessions work, and undo finds nothing left', async () => {
    await bench.start('SCRIPT:hang');
    await untilBlocked(['idle']);
    const refused = await bench.run('service', 'uninstall', '--json');
    expect([refused.code, refused.stdout, await blocked()]).toEqual([1, '', ['idle']]);
    const gone = await bench.json<{ installed: boolean; message: string }>(
      ...['service', 'uninstall', '--force'],
    );
    expect([gone, await logind.inhibitors(), holderPids(bench.home)]).toEqual([
      expect.objectContaining({ installed: false, message: 'There was nothing to undo.' }),
      [],
      [],
    ]);
    expect(await bench.json('power', 'undo')).toEqual({ message: 'There was nothing to undo.' });
  });

  async function doctor(): Promise<Record<string, [boolean, string]>> {
    const rows = await bench.json<{ check: string; ok: boolean; detail: string }[]>('doctor');
    return Object.fromEntries(
      rows
        .filter(({ check }) => ['awake', 'lid', 'power left'].includes(check))
        .map(({ check, ok, detail }) => [check, [ok, detail]]),
    );
  }
});

/** What is blocked, one word a lock of ours. */
function lines(list: readonly Inhibitor[]): string[] {
  return list
    .filter(({ mode, who }) => mode === 'block' && who === 'Porchlight')
    .flatMap(({ what }) => what)
    .toSorted();
}
