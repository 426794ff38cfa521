import { contextBridge, ipcRenderer } from 'electron';
import { windowEnd } from '../ipc/bridge.ts';

/** The little of the DOM that this file touches: the Node programs are checked without it. */
declare const window: {
  readonly location: { readonly origin: string };
  postMessage(message: string, origin: string, ports: readonly unknown[]): void;
};

/** All that the page gets of Electron. A port cannot cross the context bridge; a window message carries it. */
contextBridge.exposeInMainWorld(
  'porchlight',
  windowEnd(ipcRenderer, process.platform, (message, port) =>
    window.postMessage(message, window.location.origin, [port]),
  ),
);
