import {
  CALL_CHANNEL,
  HOST_PORT_MESSAGE,
  OPEN_HOST_PORT_CHANNEL,
  TARGET_CHANNEL,
} from './channels.ts';
import type { ShellBridge, WindowTarget } from './schema.ts';

/** How an answer crosses: a value either way, because Electron rewrites the message of thrown errors. */
export type IpcAnswer = { readonly result: unknown } | { readonly error: string };

/** What the preload needs of Electron's `ipcRenderer`. */
export interface RendererChannel {
  invoke(channel: string, name: string, params: unknown): Promise<IpcAnswer>;
  send(channel: string): void;
  on(
    channel: string,
    listener: (event: { ports: readonly unknown[] }, data: unknown) => void,
  ): unknown;
}

/**
 * The window's end. `passPort` hands an arrived port to the page. A target that arrives before
 * the page listens is kept, the last one only: it says where to be, not what happened.
 */
export function windowEnd(
  channel: RendererChannel,
  platform: string,
  passPort: (message: string, port: unknown) => void,
): ShellBridge {
  const listeners = new Set<(target: WindowTarget) => void>();
  let waiting: WindowTarget | null = null;
  channel.on(TARGET_CHANNEL, (_event, data) => {
    // The shell's end has made it from the same table.
    const target = data as WindowTarget;
    if (listeners.size === 0) waiting = target;
    for (const listener of listeners) listener(target);
  });
  channel.on(HOST_PORT_MESSAGE, (event) => passPort(HOST_PORT_MESSAGE, event.ports[0]));
  return {
    platform,
    call: async (name, params) => {
      const answer = await channel.invoke(CALL_CHANNEL, name, params);
      if ('error' in answer) throw new Error(answer.error);
      return answer.result as never;
    },
    openHostPort: () => channel.send(OPEN_HOST_PORT_CHANNEL),
    onTarget: (listener) => {
      listeners.add(listener);
      if (waiting !== null) listener(waiting);
      waiting = null;
      return () => void listeners.delete(listener);
    },
  };
}
