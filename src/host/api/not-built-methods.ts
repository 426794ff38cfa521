import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from './handlers.ts';

const notBuilt = (): never => {
  throw new RpcFailure('refused', 'Keeping the machine awake is not built yet.');
};

/** Rows of the table that nobody serves yet. */
export const notBuiltMethods: Pick<
  Handlers,
  Exclude<Extract<keyof Handlers, `power.${string}`>, 'power.machine' | 'power.lidReport'>
> = {
  'power.state': notBuilt,
  'power.hold': notBuilt,
  'power.release': notBuilt,
  'power.setPolicy': notBuilt,
  'power.sleepWhenDone': notBuilt,
  'power.setUp': notBuilt,
};
