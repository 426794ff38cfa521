import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { isRelayWell, Outside } from '../../../../src/host/relay/outside.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

test('is asked twice a minute while somebody wants to know, and tells how long ago it answered', async () => {
  const timers = new FakeTimers();
  const asked: string[] = [];
  let isThere = true;
  const outside = new Outside({
    ask: async (address) => {
      asked.push(address);
      return await Promise.resolve(isThere);
    },
    timers,
  });
  let changes = 0;
  outside.changed.on(() => (changes += 1));
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) {
      timers.advance(1_000);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  };
  expect(outside.answeredAgoMs).toBeNull();
  outside.watch('https://me.example');
  outside.watch('https://me.example');
  await pass(60_000);
  expect([asked.length, changes]).toEqual([2, 2]);
  expect(outside.answeredAgoMs).toBeLessThan(31_000);
  isThere = false;
  await pass(90_000);
  expect(outside.answeredAgoMs).toBeGreaterThan(60_000);
  outside.watch(null);
  expect([outside.answeredAgoMs, timers.pendingMs]).toEqual([null, []]);
});

test.each([
  ['a relay that is well', 200, '{"ok":true,"version":"1"}', true],
  ['the page of a hotel', 200, '<html>Please pay</html>', false],
  ['one that is not', 503, '{"ok":true}', false],
])('%s', async (_, code, body, isWell) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/base/healthz' ? code : 404);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await isRelayWell(`http://127.0.0.1:${port}/base/`)).toBe(isWell);
  await new Promise((resolve) => server.close(resolve));
  expect(await isRelayWell(`http://127.0.0.1:${port}`)).toBe(false);
});
