import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { DeviceAudit } from '../../../../src/host/audit/device-audit.ts';
import { DeviceBook, type AddedDevice } from '../../../../src/host/devices/device-book.ts';
import { auditHome, now, type AuditHome } from './support.ts';

const key = 'k'.repeat(43);
const phone: AddedDevice = {
  ...{ name: 'Pixel 9', role: 'approver', via: 'relay', relay: 'own', person: 'Grace' },
  ...{ publicKey: key, signingKey: 'B'.repeat(87), rootPsk: key },
};
const passkey = {
  ...{ credential: 'c1', publicKey: 'p', counter: 0, registeredAt: now().toISOString() },
  ...{ origin: 'https://x.example', rpId: 'x.example' },
};

let home: AuditHome;
let book: DeviceBook;
beforeEach(() => {
  home = auditHome();
  book = openBook();
});
afterEach(() => home.end());

function openBook(): DeviceBook {
  return new DeviceBook({ path: join(home.folder, 'devices.json'), now });
}

function watch(): DeviceAudit {
  const { trail: audit, log, store } = home;
  return new DeviceAudit({ audit, log, store, book, owner: 'ada', logger: silentLogger });
}

const told = () =>
  home
    .entries()
    .slice(1)
    .map(({ kind, who, what }) => [kind, who.surface, what]);

test('each change of a device is told in the name of who made it', () => {
  const audit = watch();
  audit.start();
  const { id } = audit.as('cli', () => book.add(phone));
  const about = { device: id, name: 'Pixel 9' };
  audit.as('window', () => book.setRole(id, 'operator'));
  audit.as('cli', () => book.setPerson(id, '  Lin\u0000us '));
  book.setPasskey(id, passkey);
  audit.as('cli', () => book.setPasskey(id, null));
  book.seen(id, now());
  audit.as('cli', () => book.revoke(id));
  expect(told()).toEqual([
    ['paired', 'cli', { ...about, role: 'approver', person: 'Grace' }],
    ['roleChanged', 'window', { ...about, from: 'approver', to: 'operator' }],
    ['personChanged', 'cli', { ...about, from: 'Grace', to: 'Lin us' }],
    ['passkeyChanged', 'host', { ...about, credential: 'c1' }],
    ['passkeyChanged', 'cli', { ...about, credential: null }],
    ['revoked', 'cli', { ...about, role: 'operator', person: 'Lin us' }],
  ]);
});

test('what a host that died in between has left untold is told at the next start, once', () => {
  watch().start();
  const kept = book.add(phone);
  // From here on nobody listens: the book is durable, and its host is dead.
  home.reopen();
  book = openBook();
  const lost = book.add({ ...phone, name: 'Lost' });
  book.setRole(kept.id, 'viewer');
  home.reopen();
  book = openBook();
  watch().start();
  book = openBook();
  book.revoke(lost.id);
  home.reopen();
  watch().start();
  watch().start();
  const late = true;
  expect(told()).toEqual([
    ['paired', 'host', { device: kept.id, name: 'Pixel 9', role: 'approver', person: 'Grace' }],
    [
      ...['roleChanged', 'host'],
      { device: kept.id, name: 'Pixel 9', from: 'approver', to: 'viewer', late },
    ],
    ['paired', 'host', { device: lost.id, name: 'Lost', role: 'approver', person: 'Grace', late }],
    ['revoked', 'host', { device: lost.id, name: 'Lost', role: 'approver', person: 'Grace', late }],
  ]);
});

test('a change stays when the log cannot be written, and is told when it can', () => {
  const broken = new DeviceAudit({
    ...{ audit: home.trail, store: home.store, book, owner: 'ada', logger: silentLogger },
    log: {
      commit: () => {
        throw new Error('the disk is full');
      },
    },
  });
  broken.start();
  const { id } = book.add(phone);
  expect([book.find(id)?.name, home.entries()]).toEqual(['Pixel 9', []]);
  watch().start();
  expect(told().map(([kind]) => kind)).toEqual(['paired']);
});

test('a book that cannot be trusted is not taken for one without devices', () => {
  watch().start();
  book.add(phone);
  home.reopen();
  writeFileSync(join(home.folder, 'devices.json'), '{', { mode: 0o600 });
  book = openBook();
  watch().start();
  expect(told().map(([kind]) => kind)).toEqual(['paired']);
});
