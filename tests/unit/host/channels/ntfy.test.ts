import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { NtfyCarrier } from '../../../../src/host/channels/ntfy.ts';
import { NtfyServer } from '../../../support/ntfy-server.ts';

const notice: Notice = {
  ...{ id: 'a_1', round: 1, kind: 'decision', title: 'Fix the tests', loud: false },
  ...{ body: 'Run: npm test', bare: 'Something waits for you.', at: '2026-03-01T10:00:00.000Z' },
};

let server: NtfyServer;
beforeEach(async () => {
  server = await NtfyServer.start();
});
afterEach(async () => await server.close());

const carrier = (
  more: { detail?: boolean; token?: string } = {},
  page: string | null = null,
): NtfyCarrier =>
  new NtfyCarrier(
    { url: server.origin, topic: 'mine', ...more },
    { allowHosts: () => [server.host], page: () => page, now: () => new Date(0) },
  );

describe('ntfy', () => {
  it('is told in bare words, and the louder the more it is needed', async () => {
    const it = carrier();
    await it.show(notice, 1, false);
    await it.show({ ...notice, id: 'f', kind: 'finished' }, 1, false);
    await it.show({ ...notice, round: 2, loud: true }, 1, false);
    await it.show({ ...notice, id: 'f', kind: 'finished', loud: true }, 1, false);
    const [first] = server.published;
    expect([first, server.published.map(({ priority }) => priority), server.faults]).toEqual([
      {
        ...{ topic: 'mine', title: 'Porchlight', message: 'Something waits for you.' },
        ...{ priority: 4, tags: ['raised_hand'], sequence_id: first?.sequence_id },
      },
      [4, 3, 5, 4],
      [],
    ]);
    expect([first?.sequence_id, server.shown().length]).toEqual([
      expect.stringMatching(/^[\w-]{32}$/u),
      2,
    ]);
  });

  it('is told everything where that is wanted, with a token and where the page is', async () => {
    server.token = 'tk_1';
    const it = carrier({ detail: true, token: 'tk_1' }, 'https://porch.example.com');
    expect(await it.show(notice, 1, false)).toMatchObject({ kind: 'handed' });
    expect(server.published).toMatchObject([
      { title: 'Fix the tests', message: 'Run: npm test', click: 'https://porch.example.com' },
    ]);
    expect(await carrier().show(notice, 1, false)).toMatchObject({ kind: 'never', status: 403 });
  });

  it('keeps a message within what it takes, between characters', async () => {
    const it = carrier({ detail: true });
    await it.show({ ...notice, body: '漢'.repeat(3_000) }, 1, false);
    await it.show({ ...notice, body: '👍'.repeat(3_000) }, 1, true);
    const sizes = server.published.map(({ message }) => Buffer.byteLength(message));
    expect([sizes[0], sizes[1]]).toEqual([4_096 - ((4_096 - 3) % 3), 3 + 4 * 124]);
    for (const { message } of server.published) expect(message).not.toContain('\uFFFD');
  });

  it('deletes what is withdrawn, all of it, and goes on with it after a failure', async () => {
    const it = carrier();
    await it.show(notice, 1, false);
    await it.show({ ...notice, id: 'b' }, 1, false);
    server.script = [200, 500];
    expect(await it.withdraw(['a_1', 'b'])).toMatchObject({ kind: 'again', status: 500 });
    expect(await it.withdraw(['a_1', 'b'])).toMatchObject({ kind: 'handed' });
    expect([server.shown(), server.faults]).toEqual([[], []]);
  });

  it('does not fail where an old server cannot delete', async () => {
    server.isOld = true;
    const it = carrier();
    await it.show(notice, 1, false);
    expect(await it.withdraw(['a_1'])).toMatchObject({ kind: 'handed', status: 404 });
  });
});
