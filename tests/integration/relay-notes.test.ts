import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushSubscriptionJson } from '../../src/protocol/push.ts';
import { PushService } from '../support/push-service.ts';
import { connectHost, HostKey, id, RelayClient } from '../support/relay-clients.ts';
import { relayProgram } from '../support/relay-under-test.ts';
import { sealedNote } from '../support/sealed-note.ts';

const LIMIT = { timeout: 15_000 };
let service: PushService;
let folder: string;
const stops: (() => unknown)[] = [];
beforeEach(async () => {
  service = await PushService.start();
  folder = mkdtempSync(join(tmpdir(), 'porchlight-relay-notes-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  await service.close();
  rmSync(folder, { recursive: true });
});

/** A relay with notes in this folder, for silences of a second. */
async function relay(name = 'notes', args: readonly string[] = ['--allow-push', service.host]) {
  const notes = ['--notes', join(folder, name), '--notes-min', '1', '--notes-grace', '1'];
  const started = await relayProgram([...notes, ...args]);
  stops.push(started.stop);
  return {
    ...started,
    kill: async () => {
      started.child.kill('SIGKILL');
      await expect.poll(() => started.child.signalCode, LIMIT).toBe('SIGKILL');
    },
    metrics: async () => await (await fetch(`${started.url}/metrics`)).text(),
  };
}

const journal = (name = 'notes') => readFileSync(join(folder, name, 'notes.journal'), 'utf8');

/** A host that left a note, which is on the disk. */
async function hostWithNote(
  at: Awaited<ReturnType<typeof relay>>,
  name = 'notes',
  fields: Parameters<typeof sealedNote>[2] = {},
) {
  const key = new HostKey();
  const phone = service.subscribe();
  const device = id();
  const client = await connectHost(at, key);
  const note = sealedNote(device, phone, fields);
  client.say({ type: 'notes', notes: [note] });
  await client.ponged();
  await expect.poll(() => journal(name).includes(note.body), LIMIT).toBe(true);
  return { key, phone, device, client };
}

const takenBy = (phone: PushSubscriptionJson) => service.takenBy(phone).length;
/** What a device makes of it: each round once. */
const shownBy = (phone: PushSubscriptionJson) =>
  new Set(service.takenBy(phone).map((push) => ('round' in push ? push.round : 0))).size;

/** What the host is told when it comes back, as far as it has not said that it heard. */
async function toldOnReturn(at: Awaited<ReturnType<typeof relay>>, key: HostKey) {
  const client = await connectHost(at, key);
  client.say({ type: 'ping' });
  const fired = [];
  for (;;) {
    const message = await client.text();
    if (message.type === 'pong') break;
    if (message.type === 'notesFired') fired.push(...message.fired);
  }
  client.say({ type: 'notesHeard', fired });
  client.say({ type: 'dropNotes' });
  await client.ponged();
  client.end();
  return fired.map(({ device, status }) => ({ device, status }));
}

describe('the built relay', () => {
  test('sends what a host left once that has fallen silent, opens for the device and nobody else, and tells the host', async () => {
    const at = await relay();
    const { key, phone, device, client } = await hostWithNote(at);
    await wait(2_500);
    expect(service.tries).toEqual([]);
    client.end();
    await service.until(() => takenBy(phone) === 1);
    expect(service.takenBy(phone)).toMatchObject([
      { type: 'silence', tag: 'silence', hostName: 'desk', working: 2 },
    ]);
    const [push] = service.taken;
    expect([push?.urgency, push?.ttl, push?.topic?.length]).toEqual(['high', 600, 32]);
    await expect.poll(at.metrics, LIMIT).toContain('notes_sent_total{outcome="delivered"} 1');
    expect(await toldOnReturn(at, key)).toEqual([{ device, status: 201 }]);
    expect(await toldOnReturn(at, key)).toEqual([]);
    await wait(2_500);
    expect([service.tries.length, service.faults]).toEqual([1, []]);
    expect(at.stderr()).toContain('127.0.0.1');
    expect(at.stderr()).not.toContain(phone.endpoint.split('/').at(-1));
  });

  test('without a folder it keeps none and says of none; a device never hears of any', async () => {
    const at = await relayProgram();
    stops.push(at.stop);
    const key = new HostKey();
    const client = new RelayClient(at.socketUrl);
    client.say(key.admission(await client.nonce(), at.authority));
    expect(await client.text()).toEqual({ type: 'admitted', host: true });
    client.say({ type: 'notes', notes: [sealedNote(id(), service.subscribe())] });
    await client.ponged();
    client.end();
  });

  test('a folder that cannot be written to costs the notes, not the relay', async () => {
    writeFileSync(join(folder, 'file'), 'in the way');
    const at = await relayProgram(['--notes', join(folder, 'file')]);
    stops.push(at.stop);
    const client = await connectHost(at, new HostKey());
    await client.ponged();
    expect(at.stderr()).toContain('no notes are kept');
    client.end();
  });

  test('goes to no private address that it was not told of', async () => {
    const at = await relay('notes', []);
    const { client } = await hostWithNote(at);
    client.end();
    await expect.poll(at.metrics, LIMIT).toMatch(/porchlight_relay_notes_tries_total [1-9]/u);
    expect(service.tries).toEqual([]);
  });

  test('a host that said it sleeps is not spoken for, also over a kill of the relay', async () => {
    const at = await relay();
    const { client, key, phone } = await hostWithNote(at);
    client.say({ type: 'sleeping', since: '2026-11-21T14:02:00.000Z' });
    await client.ponged();
    client.end();
    await expect.poll(() => journal().includes('"isAsleep":true'), LIMIT).toBe(true);
    await wait(2_500);
    await at.kill();
    const again = await relay();
    await wait(3_500);
    expect([takenBy(phone), await toldOnReturn(again, key)]).toEqual([0, []]);
  });

  test('taken back, nothing is sent', async () => {
    const at = await relay();
    const { client, phone } = await hostWithNote(at);
    client.say({ type: 'dropNotes' });
    await client.ponged();
    client.end();
    await wait(3_500);
    expect(takenBy(phone)).toBe(0);
  });

  test('stopped and started in good order it keeps what was left, and gives hosts time', async () => {
    const at = await relay();
    const { client, phone, key, device } = await hostWithNote(at);
    client.end();
    await at.stop();
    const again = await relay();
    await service.until(() => takenBy(phone) === 1);
    await expect.poll(again.metrics, LIMIT).toContain('outcome="delivered"} 1');
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: 201 }]);
  });
});

describe('the relay is killed', () => {
  test('while a push is on its way: it is sent again, and the device shows it once', async () => {
    const at = await relay();
    const { client, phone, key, device } = await hostWithNote(at);
    service.script = ['hang'];
    client.end();
    await service.until(() => takenBy(phone) === 1);
    await at.kill();
    const again = await relay();
    await service.until(() => takenBy(phone) === 2);
    expect(shownBy(phone)).toBe(1);
    expect(new Set(service.taken.map(({ topic }) => topic)).size).toBe(1);
    await expect.poll(again.metrics, LIMIT).toContain('outcome="delivered"} 1');
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: 201 }]);
  });

  test('while a push is on its way, and the host comes first: nothing more is sent, and it is told', async () => {
    const at = await relay();
    const { client, phone, key, device } = await hostWithNote(at);
    service.script = ['hang'];
    client.end();
    await service.until(() => takenBy(phone) === 1);
    await at.kill();
    const again = await relay();
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: null }]);
    await wait(3_000);
    expect(takenBy(phone)).toBe(1);
  });

  test('between any two of its steps: no note is lost, and none shown twice', async () => {
    // From before the host is gone, over when it is due (a second, and up to one more until it is
    // looked at), until all is done.
    const delays = Array.from({ length: 12 }, (_, n) => n * 190);
    const ends = await Promise.all(
      delays.map(async (delayMs, n) => {
        const name = `notes-${n}`;
        const at = await relay(name);
        const { client, phone, key, device } = await hostWithNote(at, name);
        client.end();
        await wait(delayMs);
        await at.kill();
        const again = await relay(name);
        await service.until(() => takenBy(phone) > 0, 30_000);
        await wait(3_000);
        const told = await toldOnReturn(again, key);
        return { shown: shownBy(phone), sent: takenBy(phone), told, device };
      }),
    );
    for (const { shown, told, device } of ends)
      expect({ shown, told }).toEqual({ shown: 1, told: [{ device, status: 201 }] });
    const twice = ends.filter(({ sent }) => sent > 1).length;
    // Killed between the two, and only then, a push service gets it twice.
    expect(twice).toBeLessThanOrEqual(3);
    expect(service.faults).toEqual([]);
  });
});
