import { RpcFailure } from '../../protocol/errors.ts';
import type { MethodName } from '../../protocol/methods.ts';
import type { Handlers } from './handlers.ts';

/** Rows of the table that nobody serves yet. */
const NOT_BUILT = [
  'desktop.follow',
  'push.key',
  'push.subscribe',
  'push.unsubscribe',
  'push.state',
  'notify.state',
  'notify.setChannels',
  'notify.test',
] as const satisfies readonly MethodName[];

export function notBuiltMethods(): Pick<Handlers, (typeof NOT_BUILT)[number]> {
  const refuse = (name: string) => (): never => {
    throw new RpcFailure('refused', `This host cannot do ${name} yet.`);
  };
  const entries = NOT_BUILT.map((name) => [name, refuse(name)] as const);
  // Each refuses, whatever it is asked.
  return Object.fromEntries(entries) as unknown as Pick<Handlers, (typeof NOT_BUILT)[number]>;
}
