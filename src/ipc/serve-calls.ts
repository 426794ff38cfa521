import type { IpcAnswer } from './bridge.ts';
import { ipcCalls, type IpcCallName, type IpcParams, type IpcResult } from './schema.ts';

/** One handler per row of the table; a missing one does not compile. */
export type IpcHandlers = {
  readonly [C in IpcCallName]: (params: IpcParams<C>) => Promise<IpcResult<C>>;
};

/**
 * The shell's end: answers one call of the window. The name and the parameters come from outside
 * and are parsed here; whatever fails becomes an error value with a message for people.
 */
export function serveCalls(
  handlers: IpcHandlers,
  fault: (name: string, error: unknown) => void,
): (name: unknown, params: unknown) => Promise<IpcAnswer> {
  return async (name, params) => {
    if (typeof name !== 'string' || !Object.hasOwn(ipcCalls, name))
      return { error: `The shell has no call ${JSON.stringify(name)}.` };
    const call = name as IpcCallName;
    const parsed = ipcCalls[call].params.safeParse(params);
    if (!parsed.success)
      return {
        error: `${call}: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
      };
    try {
      // The table pairs each name with its schema; TypeScript cannot see that through the union.
      const handler = handlers[call] as (params: unknown) => Promise<unknown>;
      return { result: await handler(parsed.data) };
    } catch (error) {
      fault(call, error);
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}
