import type { NotifyPlace, NotifyPolicy } from '../../protocol/attention.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, wrongUsage, type ExitCode } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { isWanted } from '../notify/places.ts';
import { notifyChangesOf, notifyPolicyRows } from '../notify/policy-settings.ts';
import { notifyText, testText } from '../output/notify-text.ts';
import { table } from '../output/table.ts';
import { oneLine } from '../output/text.ts';
import { tooOld } from './reach.ts';

/** The host gives a test up to 15 s. */
const TEST_LIMIT_MS = 25_000;

/** `porchlight notify` */
export async function showNotify(cli: Cli): Promise<void> {
  const [{ notify }, attention] = await Promise.all([
    askNotify(cli, 'notify.state', {}),
    askNotify(cli, 'attention.list', {}),
  ]);
  const { policy, places, note, quietUntil, allowHosts } = notify;
  const { items } = attention;
  await cli.out.answer({ policy, places, quietUntil, allowHosts, note, items }, () =>
    notifyText(notify, attention, cli.nowMs(), cli.out.columns),
  );
}

/** `porchlight notify policy [KEY=VALUE…]`: shows it, or changes the keys that are given. */
export async function notifyPolicy(cli: Cli, words: readonly string[]): Promise<void> {
  const changes = notifyChangesOf(words);
  const { notify } = await askNotify(cli, 'notify.state', {});
  const policy = words.length === 0 ? notify.policy : await changed(cli, changes(notify.policy));
  await cli.out.answer(policy, () =>
    table(['KEY', 'VALUE', 'MEANS'], notifyPolicyRows(policy), cli.out.columns),
  );
}

async function changed(cli: Cli, policy: Partial<NotifyPolicy>): Promise<NotifyPolicy> {
  const params = { commandId: cli.newCommandId(), policy };
  return (await askNotify(cli, 'notify.setPolicy', params)).notify.policy;
}

export interface TestOptions {
  readonly device?: string;
}

/** `porchlight notify test [PLACE|--device D]`: 1 where a place could not be told. */
export async function testNotify(
  cli: Cli,
  given: string | undefined,
  { device }: TestOptions,
): Promise<ExitCode> {
  if (given !== undefined && device !== undefined)
    throw wrongUsage('Name a place, or a device with --device, or neither for all.');
  const { places } = (await askNotify(cli, 'notify.state', {})).notify;
  const meant = placesMeant(places, given, device);
  const tests = await Promise.all(
    meant.map(async ({ place, kind, name }) => {
      const test = await askNotify(cli, 'notify.test', { place }, TEST_LIMIT_MS);
      return { place, kind, name, ...test };
    }),
  );
  await cli.out.answer(tests, () => testText(tests));
  return tests.every(({ ok }) => ok) ? EXIT.done : EXIT.failed;
}

function placesMeant(
  places: readonly NotifyPlace[],
  given: string | undefined,
  device: string | undefined,
): NotifyPlace[] {
  if (given === undefined && device === undefined) {
    const wanted = places.filter(isWanted);
    if (wanted.length > 0) return wanted;
    throw new CliFailure(
      'There is no place to tell you at yet. Turn notifications on in a paired phone, or: porchlight notify ntfy, porchlight notify webhook',
    );
  }
  const wanted = (given ?? device ?? '').trim();
  const among = device === undefined ? places : places.filter(({ kind }) => kind === 'push');
  const exact = among.filter(
    ({ place, device: id, name }) => place === wanted || id === wanted || isSame(name, wanted),
  );
  const begun = among.filter(({ name }) => wanted !== '' && begins(name, wanted));
  const found = exact.length > 0 ? exact : begun;
  const [place] = found;
  if (place === undefined)
    throw new CliFailure(
      device === undefined
        ? `There is no place ${oneLine(wanted)}. List them with: porchlight notify`
        : `${oneLine(wanted)} is no device that is told by push. Turn notifications on in its page; the list: porchlight notify`,
    );
  if (found.length > 1)
    throw new CliFailure(
      `${oneLine(wanted)} fits several: ${found.map(({ name, place: id }) => `${oneLine(name)} (${id})`).join(', ')}`,
    );
  return [place];
}

function isSame(name: string, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function begins(name: string, wanted: string): boolean {
  return name.toLowerCase().startsWith(wanted.toLowerCase());
}

type NotifyMethod = Extract<MethodName, `notify.${string}` | `attention.${string}`>;

export async function askNotify<M extends NotifyMethod>(
  cli: Cli,
  method: M,
  params: Params<M>,
  limitMs?: number,
): Promise<Result<M>> {
  return await ask(cli, method, params, limitMs).catch(tooOld('tell you elsewhere'));
}
