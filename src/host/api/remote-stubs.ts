import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from './handlers.ts';

type Remote = Pick<
  Handlers,
  'pair.offer' | 'pair.follow' | 'pair.confirm' | 'pair.refuse' | 'pair.cancel' | 'folder.places'
>;

const notBuilt = (): never => {
  throw new RpcFailure('notBuilt', 'Pairing is not there yet.');
};

/** Rows of the table that the parts of pairing fill in one by one. */
export function remoteStubs(): Remote {
  return {
    'pair.offer': notBuilt,
    'pair.follow': notBuilt,
    'pair.confirm': notBuilt,
    'pair.refuse': notBuilt,
    'pair.cancel': notBuilt,
    'folder.places': notBuilt,
  };
}
