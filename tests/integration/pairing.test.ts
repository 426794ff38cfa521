import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeadlessDevice } from '../support/headless-device.ts';
import { CliUnderTest, type Program } from './cli-under-test.ts';
import { eventually } from './support/host-under-test.ts';

// The built command line, host and relay, and the real code of a device, over real sockets.

let cli: CliUnderTest;
beforeEach(() => {
  cli = new CliUnderTest();
});
afterEach(async () => await cli.end(), 60_000);

const lines = (program: Program): Record<string, unknown>[] =>
  program.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function line(program: Program, key: string): Promise<Record<string, string>> {
  return await eventually(async () => {
    const found = lines(program).find((each) => key in each)?.[key];
    if (found === undefined && program.child.exitCode !== null) throw new Error(program.stderr);
    return (found as Record<string, string> | undefined) ?? null;
  });
}

/** An offer of the command line, and its link. */
async function offer(): Promise<{ program: Program; url: string }> {
  const program = cli.program('pair', '--json');
  const { url } = await line(program, 'offer');
  return { program, url: url ?? '' };
}

const wordsOf = async (outcome: Promise<unknown>): Promise<string> =>
  await outcome.then(
    () => 'it went well',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

test('a device is paired with the digits that both show, and connects by itself', async () => {
  const { program, url } = await offer();
  const guest = HeadlessDevice.pair(url, { name: 'Pixel 9, \u202eChrome\u0007' });
  const { digits } = await guest.met;
  expect(await line(program, 'candidate')).toEqual({ name: 'Pixel 9, Chrome', digits });
  const confirmed = await cli.json<{ device: object }>(
    ...['pair', 'confirm', digits, '--role', 'operator'],
  );
  const device = await guest.device;
  await device.start();
  const hello = await device.up();
  expect(hello.device).toMatchObject({ name: 'Pixel 9, Chrome', role: 'operator' });
  expect(await program.done).toMatchObject({ code: 0, stderr: '' });
  expect(lines(program).at(-1)).toEqual(confirmed);
  expect(confirmed.device).toEqual({ ...hello.device });
  device.stop();

  // A photo of the code that was used.
  const photo = HeadlessDevice.pair(url);
  expect(await wordsOf(photo.paired)).not.toBe('it went well');
  expect(await wordsOf(photo.met)).not.toBe('it went well');
});

test('other digits end it for both, and so does the code', async () => {
  const { program, url } = await offer();
  const guest = HeadlessDevice.pair(url);
  const { digits } = await guest.met;
  await line(program, 'candidate');
  const wrong = digits === '000000' ? '000001' : '000000';
  const refused = await cli.run('pair', 'confirm', wrong, '--json');
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('not the digits of this pairing'),
  ]);
  expect(await wordsOf(guest.paired)).toContain('Other digits were given on the computer');
  expect(await program.done).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not the digits of this pairing'),
  });
  expect((await cli.run('pair', 'confirm', digits)).stderr).toContain('No device waits');
});

test('the phone says that they differ, or the computer refuses: both are told', async () => {
  const first = await offer();
  const leaving = HeadlessDevice.pair(first.url);
  await leaving.met;
  await line(first.program, 'candidate');
  leaving.leave('mismatch');
  expect((await first.program.done).stderr).toContain(
    'On the phone the digits were said to differ',
  );

  const second = await offer();
  const refused = HeadlessDevice.pair(second.url);
  await refused.met;
  await line(second.program, 'candidate');
  expect(await cli.json('pair', 'refuse')).toEqual({ device: null });
  expect(await wordsOf(refused.paired)).toContain('refused this device');
  expect((await second.program.done).code).toBe(1);
});

test('Ctrl-C takes the code back, and the phone that waited is told', async () => {
  const { program, url } = await offer();
  const guest = HeadlessDevice.pair(url);
  await guest.met;
  await line(program, 'candidate');
  program.child.kill('SIGINT');
  expect(await wordsOf(guest.paired)).toContain('The computer stopped showing the code');
  expect(await program.done).toMatchObject({ code: 1 });
});

test('a restarted host knows the code no more, and both sides hear of it', async () => {
  const { program, url } = await offer();
  const guest = HeadlessDevice.pair(url);
  const { digits } = await guest.met;
  await line(program, 'candidate');
  await cli.run('host', 'restart');
  expect((await program.done).code).toBe(1);
  expect(await wordsOf(guest.paired)).not.toBe('it went well');
  expect((await cli.run('pair', 'confirm', digits)).stderr).toContain('No device waits');
});

test('a second code voids the first, and only one of two phones can have one', async () => {
  const first = await offer();
  const second = await offer();
  expect(await first.program.done).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Another code was asked for'),
  });
  expect(await wordsOf(HeadlessDevice.pair(first.url).met)).not.toBe('it went well');
  const guest = HeadlessDevice.pair(second.url, { name: 'First' });
  const { digits } = await guest.met;
  await line(second.program, 'candidate');
  expect(await wordsOf(HeadlessDevice.pair(second.url, { name: 'Late' }).met)).not.toBe(
    'it went well',
  );
  await cli.json('pair', 'confirm', digits);
  expect((await guest.paired).device).toMatchObject({ name: 'First', role: 'approver' });
});
