import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, isAlive } from '../integration/support/host-under-test.ts';
import { PhoneStage } from './support/phone-stage.ts';

const LIMIT_MS = 60_000;
let stage: PhoneStage;

beforeAll(async () => {
  stage = await PhoneStage.start();
}, LIMIT_MS);
afterAll(async () => await stage?.stop());

test(
  'a phone that saw more of the audit log than the host still has says so until its person has looked',
  { timeout: 2 * LIMIT_MS },
  async () => {
    const { phone } = await stage.pair('operator', 'Ada’s phone');
    const id = await stage.session(phone, 'For the log', 'approve n=1');
    await phone.decide('Allow');
    await stage.host.turnEnded(id);
    await phone.goHome();
    const settings = phone.page.getByRole('button', { name: 'Settings' });
    const { n } = await eventually(async () => {
      const { head } = await stage.host.client.call('audit.head', {});
      return head !== null && head.n > 2 ? head : null;
    });
    await settings.tap();
    await phone.sees(`Seen up to entry ${n}`);

    const { pid, keeperPid } = await stage.host.client.call('host.status', {});
    await stage.host.client.call('host.stop', { all: true });
    await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
    const db = new Database(stage.host.home.database);
    // As somebody would who has this machine and wants the decision forgotten.
    const { changes } = db.prepare('DELETE FROM audit WHERE n > ?').run(n - 2);
    db.close();
    expect(changes).toBe(2);
    await stage.host.connect();

    await phone.sees(`it has no entry ${n}`);
    await phone.screenshot('audit-cut');
    await phone.goHome();
    await phone.sees('was cut or rewritten');
    await phone.screenshot('audit-cut-home');
    // It is kept, not only shown.
    await phone.page.reload();
    await phone.sees('was cut or rewritten');
    await phone.page.getByRole('button', { name: 'What this phone saw' }).tap();
    await phone.sees(`entry ${n},`);
    await phone.page.getByRole('button', { name: 'I have looked into it' }).tap();
    await phone.sees('Seen up to entry');
    await phone.goHome();
    expect(await phone.page.locator('[data-audit="lost"]').count()).toBe(0);
    expect(stage.phones.complaints()).toEqual([]);
  },
);
