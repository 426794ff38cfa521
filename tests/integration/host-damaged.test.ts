import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HostProblem } from '../../src/protocol/methods.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { eventually, HostUnderTest, isAlive } from './support/host-under-test.ts';

const PAGE_BYTES = 4_096;

/** Wipes the leaf page in the middle of those that hold events. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const leaves = Array.from({ length: bytes.length / PAGE_BYTES }, (_, i) => i).filter(
    (page) =>
      bytes[page * PAGE_BYTES] === 0x0d &&
      bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES).includes('"agent.text"'),
  );
  const page = leaves[Math.floor(leaves.length / 2)];
  if (page === undefined) throw new Error('no page of events');
  bytes.fill(0xa5, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  writeFileSync(path, bytes);
}

test('a damaged page is met while the host serves: it starts again and serves the rest', async () => {
  const host = new HostUnderTest();
  try {
    await host.connect();
    const id = await host.start('demo', 'SCRIPT:flood mb=2');
    await host.turnEnded(id);
    const { keeperPid } = await host.client.call('host.status', {});
    const before = await host.events(id);
    await host.client.call('host.stop', { all: true });
    await eventually(async () => (isAlive(keeperPid) ? null : true));
    damage(host.home.database);

    await host.connect();
    const problems: HostProblem[] = await eventually(async () => {
      try {
        await host.events(id);
        const desk = await host.client.call('desk.follow', {});
        return desk.problems.length > 0 ? desk.problems : null;
      } catch {
        // It leaves over the damage, and comes back.
        await host.connect();
        return null;
      }
    });
    const after = await host.events(id);
    const notices = after.filter((event) => event.type === 'notice');
    expect(problems).toMatchObject([{ id: 'history' }]);
    expect(readdirSync(host.home.root)).toContainEqual(
      expect.stringMatching(/^porchlight\.db\.damaged-\d{8}T\d{6}Z$/u),
    );
    expect(notices).toMatchObject([{ by: 'host', level: 'warning' }]);
    const [gap] = notices;
    if (gap === undefined) throw new Error('no notice');
    const isGone = ({ seq }: SessionEvent) => seq >= (gap.from ?? gap.seq) && seq <= gap.seq;
    const isOld = ({ seq }: SessionEvent) => seq <= before.length;
    expect(after.filter((event) => isOld(event) && !isGone(event))).toEqual(
      before.filter((event) => !isGone(event)),
    );
    // And the session works on.
    await host.send(id, 'SCRIPT:stream n=5 rate=500');
    expect((await host.turnEnded(id, 2)).turn?.outcome).toBe('completed');
  } finally {
    await host.stop();
  }
});
