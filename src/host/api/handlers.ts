import type { MethodName, ParsedParams, Result } from '../../protocol/methods.ts';
import type { SurfaceConnection } from './surface-connection.ts';

/** One handler per row of the table of methods; a missing one does not compile. */
export type Handlers = {
  readonly [M in MethodName]: (
    params: ParsedParams<M>,
    surface: SurfaceConnection,
  ) => Result<M> | Promise<Result<M>>;
};
