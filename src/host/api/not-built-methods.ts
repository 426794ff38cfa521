import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from './handlers.ts';

const notBuilt = (): never => {
  throw new RpcFailure('refused', 'Keeping the machine awake is not built yet.');
};

/** Rows of the table that nobody serves yet. */
export const notBuiltMethods: Pick<Handlers, Extract<keyof Handlers, `power.${string}`>> = {
  'power.state': notBuilt,
  'power.hold': notBuilt,
  'power.release': notBuilt,
  'power.setPolicy': notBuilt,
  'power.sleepWhenDone': notBuilt,
  'power.setUp': notBuilt,
  'power.machine': notBuilt,
  'power.lidReport': notBuilt,
};
