import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from './handlers.ts';

type Remote = Pick<Handlers, 'folder.places'>;

const notBuilt = (): never => {
  throw new RpcFailure('notBuilt', 'Pairing is not there yet.');
};

/** Rows of the table that the parts of pairing fill in one by one. */
export function remoteStubs(): Remote {
  return {
    'folder.places': notBuilt,
  };
}
