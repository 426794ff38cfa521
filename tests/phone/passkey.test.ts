import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { dist } from '../../build/programs.mjs';
import { newCommandId } from '../integration/support/host-under-test.ts';
import { relayProgram } from '../support/relay-under-test.ts';
import { PhoneStage } from './support/phone-stage.ts';

const LIMIT_MS = 120_000;
let relay: Awaited<ReturnType<typeof relayProgram>>;
let stage: PhoneStage;

beforeAll(async () => {
  await compile(['relay', 'phone']);
  relay = await relayProgram(['--serve', join(dist, 'renderer', 'phone')]);
  // A passkey belongs to a name, and 127.0.0.1 is none.
  stage = await PhoneStage.start({
    relay: { url: relay.url.replace('//127.0.0.1:', '//localhost:') },
  });
}, LIMIT_MS);
afterAll(async () => {
  await stage?.stop();
  await relay?.stop();
});

test(
  'where a rule wants its person to be there, the phone asks for the passkey, and without it nothing is decided',
  { timeout: LIMIT_MS },
  async () => {
    const { url } = await stage.offer('operator');
    const phone = await stage.phones.scan(url);
    const devtools = await phone.context.newCDPSession(phone.page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await phone.startPairing('Ada’s phone');
    const { digits } = await stage.candidate();
    await stage.host.client.call('pair.confirm', { digits, role: 'operator' });
    await phone.isHome();
    await stage.host.client.call('rules.add', {
      commandId: newCommandId(),
      rule: { decision: 'ask', fresh: true },
    });

    // Without one it says so, and the card stays.
    const id = await stage.session(phone, 'Who is there', 'approve n=2');
    await phone.card().waitFor();
    await phone.decideInVain('Allow', 'Nothing was decided');
    await phone.screenshot('passkey-none');

    await phone.goHome();
    await phone.page.getByRole('button', { name: 'Settings' }).tap();
    await phone.page.getByRole('button', { name: 'Set up a passkey' }).tap();
    await phone.sees('this phone can show that you are there');
    await phone.screenshot('passkey-set-up');
    await phone.goHome();
    await phone.decide('Allow');
    const decided = async () =>
      (await stage.host.events(id)).filter(({ type }) => type === 'approval.decided');
    await expect
      .poll(async () => await decided(), { timeout: 20_000 })
      .toMatchObject([{ allowed: true, fresh: true }]);

    // Somebody who cannot unlock the phone.
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await phone.card().waitFor();
    await phone.decideInVain('Allow', 'Nothing was decided');
    await phone.screenshot('passkey-refused');
    expect(await decided()).toHaveLength(1);
    expect(stage.phones.complaints()).toEqual([]);
  },
);
