import { afterEach, describe, expect, test } from 'vitest';
import { cancel, holderPids, PowerRig } from '../../bench/power/power-rig.ts';
import { whyNoLogind, type Inhibitor } from '../../support/real-logind.ts';
import {
  eventually,
  isAlive,
  newCommandId,
  type HostUnderTest,
} from '../support/host-under-test.ts';

let rig: PowerRig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
}, 60_000);

async function start(): Promise<PowerRig> {
  rig = await PowerRig.start();
  return rig;
}

const whatIsHeld = (list: readonly Inhibitor[]): string[] =>
  list
    .filter(({ mode }) => mode === 'block')
    .map(({ what }) => what.join(':'))
    .toSorted();

/** Looks all the time whether anything is held against idle sleep; gives how long nothing was. */
function watchGaps(on: PowerRig): () => Promise<number> {
  let isOver = false;
  let longestMs = 0;
  let heldAt = performance.now();
  const watching = (async () => {
    while (!isOver) {
      const held = whatIsHeld(await on.inhibitors()).some((what) => what.includes('idle'));
      const now = performance.now();
      if (held) heldAt = now;
      else longestMs = Math.max(longestMs, now - heldAt);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return longestMs;
  };
}

async function working(host: HostUnderTest): Promise<void> {
  const sessionId = await host.start('quick', 'SCRIPT:hang cancel=ok');
  await host.until(sessionId, ({ state }) => state === 'working');
}

async function pids(host: HostUnderTest) {
  return await host.client.call('host.status', {});
}

describe.skipIf(whyNoLogind() !== null)('a host on a real logind', () => {
  test('holds off idle sleep while a turn runs, and the lid too when told so', async () => {
    const on = await start();
    const host = await on.host('idle');
    expect(await on.inhibitors()).toEqual([]);
    const sessionId = await host.start('quick', 'SCRIPT:hang cancel=ok');
    await on.untilHeld(true);
    const idle = (await on.inhibitors()).find(({ mode }) => mode === 'block');
    expect(idle?.why).toBe('1 session is working');
    await host.client.call('power.setPolicy', {
      commandId: newCommandId(),
      policy: { keepAwake: 'lid' },
    });
    await eventually(async () =>
      whatIsHeld(await on.inhibitors()).join() === 'handle-lid-switch,idle' ? true : null,
    );
    const { power } = await host.client.call('power.state', {}, 20_000);
    expect([power.idle.effective, power.lid, power.safeToCloseLid, power.reasons]).toEqual([
      true,
      { wanted: true, effective: true, reason: null, fix: null, setUp: null },
      true,
      [],
    ]);
    await cancel(host, sessionId);
    // One lock goes after the other.
    await eventually(async () => (whatIsHeld(await on.inhibitors()).length === 0 ? true : null));
  });

  test('goes on without a gap when the host is killed and comes back', async () => {
    const on = await start();
    const host = await on.host('lid');
    await working(host);
    await on.untilHeld(true);
    const [holder] = holderPids(host.home.root);
    const gaps = watchGaps(on);
    const { pid } = await pids(host);
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      await host.connect();
      return (await pids(host)).pid === pid ? null : true;
    });
    const { power } = await host.client.call('power.state', {}, 20_000);
    expect([power.holds.map(({ kind }) => kind), power.lid.effective]).toEqual([['working'], true]);
    expect(await gaps()).toBe(0);
    expect(holderPids(host.home.root)[0]).toBe(holder);
  });

  test('is held again within 2 s where the holder is killed', async () => {
    const on = await start();
    const host = await on.host('idle');
    await working(host);
    await on.untilHeld(true);
    const before = holderPids(host.home.root);
    const gaps = watchGaps(on);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await eventually(async () =>
      holderPids(host.home.root).some((pid) => !before.includes(pid)) ? true : null,
    );
    await on.untilHeld(true);
    expect(await gaps()).toBeLessThan(2_000);
    const { power } = await host.client.call('power.state', {}, 20_000);
    expect(power.idle).toEqual({ wanted: true, effective: true, reason: null });
  });

  test('leaves nothing when it is stopped, and each home holds for itself', async () => {
    const on = await start();
    const [one, other] = [await on.host('idle'), await on.host('lid')];
    for (const host of [one, other]) await working(host);
    await eventually(async () =>
      whatIsHeld(await on.inhibitors()).join() === 'handle-lid-switch,idle,idle' ? true : null,
    );
    const holders = holderPids(one.home.root);
    const { pid, keeperPid } = await pids(one);
    await one.client.call('host.stop', { all: true });
    await eventually(async () => ([pid, keeperPid, ...holders].some(isAlive) ? null : true));
    expect(whatIsHeld(await on.inhibitors())).toEqual(['handle-lid-switch', 'idle']);
  });

  test('keeps what a person holds over a restart, until it is released', async () => {
    const on = await start();
    const host = await on.host('off');
    const { hold } = await host.client.call('power.hold', {
      ...{ commandId: newCommandId(), lid: true, forSec: 3_600, reason: 'a long build' },
    });
    expect(hold).toMatchObject({ kind: 'user', by: 'test', lid: true, reason: 'a long build' });
    await on.untilHeld(true);
    await host.client.call('host.stop', { all: false });
    await eventually(async () => {
      await host.connect();
      return true;
    });
    const { power } = await host.client.call('power.state', {}, 20_000);
    expect([power.holds.map(({ id }) => id), power.lid.effective]).toEqual([[hold.id], true]);
    const released = { commandId: newCommandId(), id: hold.id };
    expect(await host.client.call('power.release', released)).toEqual({ released: 1 });
    await on.untilHeld(false);
    const { entries } = await host.client.call('audit.list', {});
    expect(entries.filter(({ kind }) => kind === 'powerChanged').map(({ what }) => what)).toEqual([
      { held: { id: hold.id, lid: true, reason: 'a long build', until: hold.until } },
      { released: [hold.id] },
    ]);
  });

  test('tells surfaces that follow what is held, and that nothing is any more', async () => {
    const on = await start();
    const host = await on.host('idle');
    const told: number[] = [];
    host.client.notices.on((notice) => {
      if (notice.name === 'power.changed') told.push(notice.params.power.holds.length);
    });
    const { power } = await host.client.call('desk.follow', {});
    expect(power?.holds).toEqual([]);
    const sessionId = await host.start('quick', 'SCRIPT:hang cancel=ok');
    await eventually(async () => (told.at(-1) === 1 ? true : null));
    await cancel(host, sessionId);
    await eventually(async () => (told.at(-1) === 0 ? true : null));
  });
});
