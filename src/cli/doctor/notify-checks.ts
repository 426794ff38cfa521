import type { NotifyChannels, NotifyState } from '../../protocol/attention.ts';
import type { Device } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { ServiceStatus } from '../../protocol/reach.ts';
import type { Cli } from '../cli.ts';
import { findHost } from '../host/host-link.ts';
import { configuredChannels, problemOfAddress } from '../notify/channels.ts';
import { isWanted } from '../notify/places.ts';
import { count, oneLine } from '../output/text.ts';
import { bad, fine, messageOf, type DoctorWorld, type Finding } from './check.ts';

const HOST_LIMIT_MS = 5_000;

/** What the host says of telling a person; null where none runs, or one that is older. */
export interface Told {
  readonly notify: NotifyState;
  readonly devices: readonly Device[];
  readonly service: ServiceStatus | null;
}

/** Whether a person can be told elsewhere. Nothing is sent anywhere: that is `porchlight notify test`. */
export async function notifyFindings({
  cli,
}: DoctorWorld): Promise<{ check: string; finding: Finding }[]> {
  const [told, channels] = await Promise.all([
    toldBy(cli).catch((error: unknown) => messageOf(error)),
    configuredChannels(cli.home).catch(() => null),
  ]);
  return [
    { check: 'notifications', finding: placesFinding(told, channels) },
    { check: 'silence note', finding: noteFinding(told) },
    { check: 'revival', finding: revivalFinding(told) },
  ];
}

async function toldBy(cli: Cli): Promise<Told | null> {
  const link = await withDeadline(findHost(cli), HOST_LIMIT_MS, 'Connecting to the host');
  if (link === null) return null;
  try {
    const [{ notify }, { devices }] = await Promise.all([
      link.client.call('notify.state', {}, HOST_LIMIT_MS),
      link.client.call('devices.list', {}, HOST_LIMIT_MS),
    ]);
    return { notify, devices, service: link.hello.service ?? null };
  } catch (error) {
    if (error instanceof RpcFailure) return null;
    throw error;
  } finally {
    link.close();
  }
}

const NOT_ASKED = fine('not asked, since no host runs');

export function placesFinding(
  told: Told | string | null,
  channels: NotifyChannels | null,
): Finding {
  const shapes = channels === null ? [] : shapeProblems(channels);
  const [shape] = shapes;
  if (shape !== undefined) return bad(shape.detail, shape.fix);
  if (typeof told === 'string') return bad(oneLine(told), 'See: porchlight logs');
  if (told === null) return NOT_ASKED;
  const { places } = told.notify;
  const failing = places.filter((place) => place.state !== 'on' && isWanted(place));
  if (failing.length > 0)
    return bad(
      failing.map(({ name, problem }) => problemText(name, problem ?? 'cannot be told')).join('; '),
      'porchlight notify test; a phone: turn its notifications off and on in its page',
    );
  const on = places.filter(({ state }) => state === 'on');
  return fine(
    on.length === 0
      ? 'you are told on surfaces that you use, and nowhere else'
      : `you can be told at ${on.map(({ name }) => oneLine(name)).join(', ')}`,
  );
}

/** Some problems begin with the name of the server already. */
function problemText(name: string, problem: string): string {
  return oneLine(problem.startsWith(name) ? problem : `${name}: ${problem}`);
}

function shapeProblems({ ntfy, webhook, allowHosts }: NotifyChannels) {
  return [
    { name: 'ntfy', url: ntfy?.url },
    { name: 'the webhook', url: webhook?.url },
  ].flatMap(({ name, url }) => {
    const problem = url === undefined ? null : problemOfAddress(url, allowHosts);
    return problem === null ? [] : [{ ...problem, detail: `${name}: ${problem.detail}` }];
  });
}

export function noteFinding(told: Told | string | null): Finding {
  if (told === null || typeof told === 'string') return NOT_ASKED;
  const { note, places } = told.notify;
  const hasPush = places.some(({ kind, state }) => kind === 'push' && state !== 'off');
  if (note.state === 'left')
    return fine(`left with the relay for ${count(note.devices, 'device')}`);
  if (note.state === 'idle') return fine('left with the relay while sessions work; none does now');
  if (note.state === 'off') return fine(note.why === null ? 'off' : `off: ${oneLine(note.why)}`);
  const why = oneLine(note.why ?? 'the relay cannot keep it');
  return hasPush
    ? bad(
        `should this machine fall silent, nobody tells you: ${why}`,
        'A relay on another machine that keeps notes: docs/relay.md',
      )
    : fine(`not available: ${why}`);
}

export function revivalFinding(told: Told | string | null): Finding {
  if (told === null || typeof told === 'string') return NOT_ASKED;
  const { devices, service } = told;
  if (devices.length === 0) return fine('no device is paired');
  if (service === null) return fine('this host does not say whether a service is installed');
  return service.installed
    ? fine('the service brings the host back, so that devices find it again')
    : bad(
        `${count(devices.length, 'device is', 'devices are')} paired, and after a reboot nothing brings this host back: a phone cannot`,
        'porchlight service install',
      );
}

export async function lookAtNotify(
  world: DoctorWorld,
  limitMs: number,
): Promise<{ check: string; finding: Finding }[]> {
  return await withDeadline(notifyFindings(world), limitMs, 'Looking at notifications').catch(
    (error: unknown) => [
      { check: 'notifications', finding: bad(messageOf(error), 'See: porchlight logs') },
    ],
  );
}
