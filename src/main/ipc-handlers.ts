import { dialog, ipcMain, MessageChannelMain } from 'electron';
import type { Socket } from 'node:net';
import type { Logger } from '../base/log.ts';
import { CALL_CHANNEL, HOST_PORT_MESSAGE, OPEN_HOST_PORT_CHANNEL } from '../ipc/channels.ts';
import { serveCalls } from '../ipc/serve-calls.ts';
import { joinHostPort } from './host-port.ts';
import { openInBrowser } from './windows/window-guard.ts';

export interface IpcCollaborators {
  readonly log: Logger;
  owns(sender: Electron.WebContents, frameOrigin: string | undefined): boolean;
  openSocket(): Promise<Socket>;
  startHost(): Promise<void>;
  recentFolders(): string[];
  rememberFolder(folder: string): void;
}

/** Answers our own page in our own window, and nobody else. */
export function answerWindow(shell: IpcCollaborators): void {
  const answer = serveCalls(
    {
      pickFolder: async ({ start }) => {
        const { canceled, filePaths } = await dialog.showOpenDialog({
          properties: ['openDirectory', 'createDirectory'],
          ...(start !== undefined && { defaultPath: start }),
        });
        return canceled ? null : (filePaths[0] ?? null);
      },
      openExternal: async ({ url }) => {
        await openInBrowser(url);
        return null;
      },
      recentFolders: async () => shell.recentFolders(),
      rememberFolder: async ({ folder }) => {
        shell.rememberFolder(folder);
        return null;
      },
      startHost: async () => {
        await shell.startHost();
        return null;
      },
    },
    (name, error) =>
      shell.log.warn({ call: name, error: String(error) }, 'a call of the window failed'),
  );
  ipcMain.handle(CALL_CHANNEL, async (event, name: unknown, params: unknown) => {
    if (!shell.owns(event.sender, event.senderFrame?.origin))
      return { error: 'Only the Porchlight window may call.' };
    return await answer(name, params);
  });
  ipcMain.on(OPEN_HOST_PORT_CHANNEL, (event) => {
    if (!shell.owns(event.sender, event.senderFrame?.origin)) return;
    const { port1, port2 } = new MessageChannelMain();
    void joinHostPort(port2, () => shell.openSocket());
    event.sender.postMessage(HOST_PORT_MESSAGE, null, [port1]);
  });
}
