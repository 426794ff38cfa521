import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from './handlers.ts';

type NotBuilt = Pick<Handlers, Extract<keyof Handlers, `passkey.${string}`>>;

/** Rows of the table whose part is not there yet; each goes as its part comes. */
export const notBuiltMethods: NotBuilt = {
  'passkey.options': notBuilt,
  'passkey.register': notBuilt,
  'passkey.request': notBuilt,
  'passkey.remove': notBuilt,
};

function notBuilt(): never {
  throw new RpcFailure('notBuilt', 'This host cannot do that yet.');
}
