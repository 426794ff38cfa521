import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { PushSubscriptionJson } from '../../src/protocol/push.ts';
import { PushService } from '../support/push-service.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../support/relay-clients.ts';
import { relayProgram, type RelayUnderTest } from '../support/relay-under-test.ts';
import { sealedNote } from '../support/sealed-note.ts';
import { eventually } from './support/host-under-test.ts';

/** `expect.poll` belongs to one test at a time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  await eventually(async () => ((await isSo()) ? true : null));
}

/** A push service and a folder of its own, so that tests can run beside one another. */
class Place {
  readonly service: PushService;
  readonly folder = mkdtempSync(join(tmpdir(), 'porchlight-relay-notes-'));
  readonly #stops: (() => unknown)[] = [];

  private constructor(service: PushService) {
    this.service = service;
  }

  static async make(finished: (end: () => Promise<void>) => void): Promise<Place> {
    const place = new Place(await PushService.start());
    finished(async () => {
      for (const stop of place.#stops.splice(0).toReversed()) await stop();
      await place.service.close();
      rmSync(place.folder, { recursive: true });
    });
    return place;
  }

  async program(args: readonly string[]) {
    const started = await relayProgram(args);
    this.#stops.push(started.stop);
    return started;
  }

  /** A relay with notes in this folder, for silences of a second. */
  async relay(name = 'notes', args: readonly string[] = ['--allow-push', this.service.host]) {
    const notes = ['--notes', join(this.folder, name), '--notes-min', '1', '--notes-grace', '1'];
    const started = await this.program([...notes, ...args]);
    return {
      ...started,
      kill: async () => {
        started.child.kill('SIGKILL');
        await until(async () => started.child.signalCode === 'SIGKILL');
      },
      metrics: async () => await (await fetch(`${started.url}/metrics`)).text(),
    };
  }

  journal(name = 'notes'): string {
    return readFileSync(join(this.folder, name, 'notes.journal'), 'utf8');
  }

  /** A host that left a note, which is on the disk. */
  async hostWithNote(at: RelayUnderTest, name = 'notes') {
    const key = new HostKey();
    const phone = this.service.subscribe();
    const device = id();
    const client = await connectHost(at, key);
    const note = sealedNote(device, phone);
    client.say({ type: 'notes', notes: [note] });
    await client.ponged();
    await until(async () => this.journal(name).includes(note.body));
    return { key, phone, device, client };
  }

  takenBy(phone: PushSubscriptionJson): number {
    return this.service.takenBy(phone).length;
  }

  /** What a device makes of it: each round once. */
  shownBy(phone: PushSubscriptionJson): number {
    const pushes = this.service.takenBy(phone);
    return new Set(pushes.map((push) => ('round' in push ? push.round : 0))).size;
  }
}

/** What the host is told when it comes back, as far as it has not said that it heard. */
async function toldOnReturn(at: RelayUnderTest, key: HostKey) {
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

describe.concurrent('the built relay', () => {
  test('sends what a host left once that has fallen silent, opens for the device and nobody else, and tells the host', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.relay();
    const { key, phone, device, client } = await place.hostWithNote(at);
    await wait(2_500);
    expect(service.tries).toEqual([]);
    client.end();
    await service.until(() => place.takenBy(phone) === 1);
    expect(service.takenBy(phone)).toMatchObject([
      { type: 'silence', tag: 'silence', hostName: 'desk', working: 2 },
    ]);
    const [push] = service.taken;
    expect([push?.urgency, push?.ttl, push?.topic?.length]).toEqual(['high', 600, 32]);
    await until(async () =>
      (await at.metrics()).includes('notes_sent_total{outcome="delivered"} 1'),
    );
    expect(await toldOnReturn(at, key)).toEqual([{ device, status: 201 }]);
    expect(await toldOnReturn(at, key)).toEqual([]);
    await wait(2_500);
    expect([service.tries.length, service.faults]).toEqual([1, []]);
    expect(at.stderr()).toContain('127.0.0.1');
    expect(at.stderr()).not.toContain(phone.endpoint.split('/').at(-1));
  });

  test('without a folder it keeps none and says of none; a device never hears of any', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.program([]);
    const key = new HostKey();
    const client = new RelayClient(at.socketUrl);
    client.say(key.admission(await client.nonce(), at.authority));
    expect(await client.text()).toEqual({ type: 'admitted', host: true });
    client.say({ type: 'notes', notes: [sealedNote(id(), service.subscribe())] });
    await client.ponged();
    client.end();
  });

  test('a host that is older than notes is carried as before, and nothing is sent for it', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const at = await place.relay();
    const key = new HostKey();
    const client = await connectHost(at, key);
    const device = await connectDevice(at, key, new DeviceKey());
    expect(await client.text()).toMatchObject({ type: 'opened', slot: 1 });
    device.send(Buffer.from('sealed'));
    expect(await client.cargoWithSlot()).toEqual({ slot: 1, cargo: Buffer.from('sealed') });
    client.end();
    await wait(2_500);
    expect(place.service.tries).toEqual([]);
    device.end();
  });

  test('a folder that cannot be written to costs the notes, not the relay', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const file = join(place.folder, 'file');
    writeFileSync(file, 'in the way');
    const at = await place.program(['--notes', file]);
    const client = await connectHost(at, new HostKey());
    await client.ponged();
    expect(at.stderr()).toContain('no notes are kept');
    client.end();
  });

  test('goes to no private address that it was not told of', async ({ onTestFinished }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.relay('notes', []);
    const { client } = await place.hostWithNote(at);
    client.end();
    await until(async () => /porchlight_relay_notes_tries_total [1-9]/u.test(await at.metrics()));
    expect(service.tries).toEqual([]);
  });

  test('a host that said it sleeps is not spoken for, also over a kill of the relay', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const at = await place.relay();
    const { client, key, phone } = await place.hostWithNote(at);
    client.say({ type: 'sleeping', since: '2026-11-21T14:02:00.000Z' });
    await client.ponged();
    client.end();
    await until(async () => place.journal().includes('"isAsleep":true'));
    await wait(2_500);
    await at.kill();
    const again = await place.relay();
    await wait(3_500);
    expect([place.takenBy(phone), await toldOnReturn(again, key)]).toEqual([0, []]);
  });

  test('taken back, nothing is sent', async ({ onTestFinished }) => {
    const place = await Place.make(onTestFinished);
    const at = await place.relay();
    const { client, phone } = await place.hostWithNote(at);
    client.say({ type: 'dropNotes' });
    await client.ponged();
    client.end();
    await wait(3_500);
    expect(place.takenBy(phone)).toBe(0);
  });

  test('stopped and started in good order it keeps what was left, and gives hosts time', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.relay();
    const { client, phone, key, device } = await place.hostWithNote(at);
    client.end();
    await at.stop();
    const again = await place.relay();
    await service.until(() => place.takenBy(phone) === 1);
    await until(async () => (await again.metrics()).includes('outcome="delivered"} 1'));
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: 201 }]);
  });
});

describe.concurrent('the relay is killed', () => {
  test('while a push is on its way: it is sent again, and the device shows it once', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.relay();
    const { client, phone, key, device } = await place.hostWithNote(at);
    service.script = ['hang'];
    client.end();
    await service.until(() => place.takenBy(phone) === 1);
    await at.kill();
    const again = await place.relay();
    await service.until(() => place.takenBy(phone) === 2);
    expect(place.shownBy(phone)).toBe(1);
    expect(new Set(service.taken.map(({ topic }) => topic)).size).toBe(1);
    await until(async () => (await again.metrics()).includes('outcome="delivered"} 1'));
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: 201 }]);
  });

  test('while a push is on its way, and the host comes first: nothing more is sent, and it is told', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    const at = await place.relay();
    const { client, phone, key, device } = await place.hostWithNote(at);
    service.script = ['hang'];
    client.end();
    await service.until(() => place.takenBy(phone) === 1);
    await at.kill();
    const again = await place.relay();
    expect(await toldOnReturn(again, key)).toEqual([{ device, status: null }]);
    await wait(3_000);
    expect(place.takenBy(phone)).toBe(1);
  });

  test('between any two of its steps: no note is lost, and none shown twice', async ({
    onTestFinished,
  }) => {
    const place = await Place.make(onTestFinished);
    const { service } = place;
    // From before the host is gone, over when it is due (a second, and up to one more until it is
    // looked at), until all is done.
    const delays = Array.from({ length: 12 }, (_, n) => n * 190);
    const ends = await Promise.all(
      delays.map(async (delayMs, n) => {
        const name = `notes-${n}`;
        const at = await place.relay(name);
        const { client, phone, key, device } = await place.hostWithNote(at, name);
        client.end();
        await wait(delayMs);
        await at.kill();
        const again = await place.relay(name);
        await service.until(() => place.takenBy(phone) > 0, 30_000);
        await wait(3_000);
        const told = await toldOnReturn(again, key);
        return { shown: place.shownBy(phone), sent: place.takenBy(phone), told, device };
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
