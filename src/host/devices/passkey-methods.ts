import { RpcFailure } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Handlers } from '../api/handlers.ts';
import type { DeviceBook } from './device-book.ts';
import type { Devices } from './device-methods.ts';
import type { Passkeys } from './passkeys.ts';

export type PasskeyMethods = Pick<Handlers, Extract<keyof Handlers, `passkey.${string}`>>;
type Surface = Parameters<PasskeyMethods['passkey.options']>[1];

/** The rows of the table about passkeys: each is of the device that calls. */
export function passkeyMethods(
  passkeys: Passkeys,
  book: Pick<DeviceBook, 'setPasskey'>,
  devices: Pick<Devices, 'present'>,
): PasskeyMethods {
  return {
    'passkey.options': async ({ origin }, surface) => ({
      options: await passkeys.options(deviceOf(surface), origin),
    }),
    'passkey.register': async ({ response }, surface) => {
      await passkeys.register(deviceOf(surface), surface.surface, response);
      return {};
    },
    'passkey.request': (_, surface) => ({ options: passkeys.request(deviceOf(surface)) }),
    'passkey.remove': ({ device }) => ({ device: devices.present(book.setPasskey(device, null)) }),
  };
}

function deviceOf({ device }: Surface): DeviceId {
  if (device !== null) return device.id;
  throw new RpcFailure(
    'refused',
    'A passkey is of a paired device: this machine itself needs none.',
  );
}
