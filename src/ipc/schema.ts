import { z } from 'zod';

/**
 * THE table between the Electron shell and its window: only what Electron alone can do. Product
 * calls go straight to the host through the host port.
 */
export const ipcCalls = {
  /** The system's folder dialog; null when it was cancelled. */
  pickFolder: { params: z.object({ start: z.string().optional() }), result: z.string().nullable() },
  /** http(s) only, in the person's browser. */
  openExternal: { params: z.object({ url: z.url() }), result: z.null() },
  /** Folders that sessions were started in, newest first. */
  recentFolders: { params: z.object({}), result: z.array(z.string()) },
  rememberFolder: { params: z.object({ folder: z.string() }), result: z.null() },
  /** Starts the host again after it was stopped or could not be reached. */
  startHost: { params: z.object({}), result: z.null() },
} as const;
export type IpcCallName = keyof typeof ipcCalls;
export type IpcParams<C extends IpcCallName> = z.output<(typeof ipcCalls)[C]['params']>;
export type IpcResult<C extends IpcCallName> = z.output<(typeof ipcCalls)[C]['result']>;

/** Where the tray asks the window to go. */
export const windowTargetSchema = z.discriminatedUnion('screen', [
  /** `notice`: a sentence to show until it is dismissed (why there is no tray icon …). */
  z.object({ screen: z.literal('home'), notice: z.string().optional() }),
  z.object({
    screen: z.literal('newSession'),
    folder: z.string().optional(),
    agent: z.string().optional(),
    mode: z.string().optional(),
  }),
  z.object({ screen: z.literal('session'), sessionId: z.string() }),
  z.object({ screen: z.literal('pair') }),
  z.object({ screen: z.literal('power') }),
  /** What asks for the person. */
  z.object({ screen: z.literal('attention') }),
]);
export type WindowTarget = z.infer<typeof windowTargetSchema>;

/** `window.porchlight` in the desktop window; absent in a browser. */
export interface ShellBridge {
  readonly platform: string;
  call<C extends IpcCallName>(name: C, params: IpcParams<C>): Promise<IpcResult<C>>;
  /**
   * Asks for a fresh byte pipe to the host. It arrives as a window message whose data is
   * {@link HOST_PORT_MESSAGE} and whose `ports[0]` carries strings, one JSON-RPC message each, both
   * ways; `{closed: reason}` from the shell is the last. If no host can be reached the port
   * arrives too and closes at once with the reason.
   */
  openHostPort(): void;
  onTarget(listener: (target: WindowTarget) => void): () => void;
}

export { HOST_PORT_MESSAGE } from './channels.ts';
export const hostPortClosedSchema = z.object({ closed: z.string() });
