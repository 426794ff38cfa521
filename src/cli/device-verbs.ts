import { Argument, type Command } from 'commander';
import { ROLES, type Role } from '../protocol/devices.ts';
import type { Does } from './program.ts';
import {
  listDevices,
  removePasskey,
  renameDevice,
  revokeDevices,
  setDevicePerson,
  setDeviceRole,
  type RevokeOptions,
} from './verbs/devices.ts';

export function addDeviceVerbs(program: Command, does: Does): void {
  const devices = program
    .command('devices')
    .description('paired devices')
    .action(does(async (cli) => await listDevices(cli)));
  devices
    .command('revoke')
    .description('end a pairing; the device is cut off at once')
    .argument('[device]', 'its name or id')
    .option('--all', 'every device')
    .option('--force', 'with --all, without asking')
    .action(
      does<[string | undefined], RevokeOptions>(
        async (cli, [device], options) => await revokeDevices(cli, device, options),
      ),
    );
  devices
    .command('role')
    .description('what a device may do: viewer, approver or operator')
    .argument('<device>', 'its name or id')
    .addArgument(new Argument('<role>').choices(ROLES))
    .action(
      does<[string, Role], object>(
        async (cli, [device, role]) => await setDeviceRole(cli, device, role),
      ),
    );
  devices
    .command('person')
    .description('whose device it is; the audit log says so')
    .argument('<device>', 'its name or id')
    .argument('<name>')
    .action(
      does<[string, string], object>(
        async (cli, [device, name]) => await setDevicePerson(cli, device, name),
      ),
    );
  devices
    .command('remove-passkey')
    .description('it may set up another one')
    .argument('<device>', 'its name or id')
    .action(does<[string], object>(async (cli, [device]) => await removePasskey(cli, device)));
  devices
    .command('rename')
    .description('call a device something else')
    .argument('<device>', 'its name or id')
    .argument('<name>')
    .action(
      does<[string, string], object>(
        async (cli, [device, name]) => await renameDevice(cli, device, name),
      ),
    );
}
