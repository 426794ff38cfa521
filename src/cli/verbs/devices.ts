import type { Device, Role } from '../../protocol/devices.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import { agree } from '../agree.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, wrongUsage } from '../failure.ts';
import { withHost } from '../host/host-link.ts';
import { table } from '../output/table.ts';
import { ago, count, oneLine } from '../output/text.ts';

export interface RevokeOptions {
  readonly all?: boolean;
  readonly force?: boolean;
}

/** `porchlight devices` */
export async function listDevices(cli: Cli): Promise<void> {
  await tell(cli, await withHost(cli, async ({ client }) => await listed(client)));
}

/** `porchlight devices revoke D|--all`: gives the devices that are paired no more. */
export async function revokeDevices(
  cli: Cli,
  given: string | undefined,
  options: RevokeOptions,
): Promise<void> {
  const all = options.all === true;
  if ((given === undefined) !== all)
    throw wrongUsage('Name one device, or give --all: porchlight devices revoke D|--all');
  const gone = await withHost(cli, async ({ client }) => {
    const devices = await listed(client);
    const meant = given === undefined ? devices : [theOne(devices, given)];
    if (all && meant.length > 0 && options.force !== true) await agreeToRevoke(cli, meant);
    const [first] = meant;
    if (first === undefined) return [];
    const { revoked } = await client.call(
      'devices.revoke',
      all ? { all: true } : { device: first.id },
    );
    const ids = new Set<DeviceId>(revoked);
    return meant
      .filter(({ id }) => ids.has(id))
      .map((device) => ({ ...device, online: false, connections: 0 }));
  });
  await cli.out.answer(gone.map(row), () =>
    gone.length === 0
      ? 'No device is paired.'
      : `Revoked: ${gone.map(({ name }) => oneLine(name)).join(', ')}. To come back, a device has to be paired anew.`,
  );
}

/** `porchlight devices role D R` */
export async function setDeviceRole(cli: Cli, given: string, role: Role): Promise<void> {
  const device = await withHost(cli, async ({ client }) => {
    const { id } = theOne(await listed(client), given);
    return (await client.call('devices.setRole', { device: id, role })).device;
  });
  await tell(cli, [device]);
}

/** `porchlight devices person D NAME` */
export async function setDevicePerson(cli: Cli, given: string, person: string): Promise<void> {
  const device = await withHost(cli, async ({ client }) => {
    const { id } = theOne(await listed(client), given);
    return (await client.call('devices.setPerson', { device: id, person })).device;
  });
  await tell(cli, [device]);
}

/** `porchlight devices remove-passkey D` */
export async function removePasskey(cli: Cli, given: string): Promise<void> {
  const device = await withHost(cli, async ({ client }) => {
    const { id } = theOne(await listed(client), given);
    return (await client.call('passkey.remove', { device: id })).device;
  });
  await tell(cli, [device]);
}

/** `porchlight devices rename D N` */
export async function renameDevice(cli: Cli, given: string, name: string): Promise<void> {
  const device = await withHost(cli, async ({ client }) => {
    const { id } = theOne(await listed(client), given);
    return (await client.call('devices.rename', { device: id, name })).device;
  });
  await tell(cli, [device]);
}

interface DevicesClient {
  call(method: 'devices.list', params: object): Promise<{ devices: Device[] }>;
}

async function listed(client: DevicesClient): Promise<Device[]> {
  return (await client.call('devices.list', {})).devices;
}

/** By its id, its name, or the beginning of one of them. */
function theOne(devices: readonly Device[], given: string): Device {
  const wanted = given.trim().toLowerCase();
  const exact = devices.filter(({ id, name }) => id === given || name.toLowerCase() === wanted);
  const begun = devices.filter(
    ({ id, name }) =>
      wanted !== '' && (id.startsWith(given) || name.toLowerCase().startsWith(wanted)),
  );
  const found = exact.length > 0 ? exact : begun;
  const [device] = found;
  if (device === undefined)
    throw new CliFailure(
      `There is no device ${oneLine(given)}. List them with: porchlight devices`,
    );
  if (found.length > 1)
    throw new CliFailure(
      `${oneLine(given)} fits several devices: ${found.map(({ name, id }) => `${oneLine(name)} (${id})`).join(', ')}`,
    );
  return device;
}

async function agreeToRevoke(cli: Cli, devices: readonly Device[]): Promise<void> {
  const which = `${count(devices.length, 'device')} (${devices.map(({ name }) => oneLine(name)).join(', ')})`;
  if (!cli.asks)
    throw new CliFailure(
      `This would revoke ${which}, and each would have to be paired anew: say --force.`,
    );
  await agree(
    cli,
    `Revoke ${which}? Each would have to be paired anew. [y/N] `,
    'Nothing was revoked.',
  );
}

async function tell(cli: Cli, devices: readonly Device[]): Promise<void> {
  await cli.out.answer(devices.map(row), () =>
    devices.length === 0
      ? 'No device is paired. Pair one with: porchlight pair'
      : table(
          ['ID', 'NAME', 'PERSON', 'ROLE', 'SEEN', 'PUSH', 'PAIRED'],
          devices.map(
            ({ id, name, person, role, pairedAt, lastSeenAt, online, via, passkey, push }) => [
              id,
              name,
              person ?? '',
              passkey === true ? `${role}, passkey` : role,
              online ? 'now' : lastSeenAt === null ? 'never' : ago(lastSeenAt, cli.nowMs()),
              pushText(push),
              `${pairedAt.slice(0, 10)}${via === 'lan' ? ', local network' : ''}`,
            ],
          ),
          cli.out.columns,
        ),
  );
}

/** Empty: it did not ask to be told, or the host is too old to say. */
function pushText(push: Device['push']): string {
  if (push === undefined || push === null) return '';
  const { state, problem } = push;
  if (state === 'on') return 'on';
  if (state === 'failing') return `FAILING: ${oneLine(problem ?? 'see porchlight notify')}`;
  // What it asked for has ended, and not by its own wish.
  return problem === null ? '' : `ENDED: ${oneLine(problem)}`;
}

function row(device: Device) {
  const { id, name, role, pairedAt, lastSeenAt, online, person, passkey, push } = device;
  return { id, name, role, pairedAt, lastSeenAt, online, person, passkey, push };
}
