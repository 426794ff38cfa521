import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../src/base/log.ts';
import { ReconnectingHost } from '../../src/connection/reconnect.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import { connectHost } from '../../src/local/ensure-host.ts';
import type { Home } from '../../src/local/home.ts';
import { SocketTransport } from '../../src/local/socket-transport.ts';
import { HostConnection } from '../../src/main/host-connection.ts';
import { hostSocket } from '../../src/main/host-socket.ts';
import type { SessionId } from '../../src/protocol/ids.ts';

/** Something that shows a host and comes back to it by itself. */
export interface Surface {
  readonly name: string;
  readonly shows: { readonly desk: boolean; readonly events: boolean };
  /** Each time the surface shows something of the host that it did not show before. */
  onShown: (shown: Shown) => void;
  stop(): Promise<void>;
}

/** A list of all sessions, or the number of an event of the session that is followed. */
export type Shown = { readonly sessions: number } | { readonly seq: number };

/** The window's link: the list of sessions, and one of them with all its events. */
export function windowSurface(home: Home, sessionId: SessionId): Surface {
  const host = new ReconnectingHost({
    identity: { surface: 'window', version: '0' },
    open: async () => new SocketTransport(await connectHost(home)),
    timers: systemTimers,
    random: Math.random,
  });
  const surface: Surface = {
    name: 'window',
    shows: { desk: true, events: true },
    onShown: () => {},
    stop: async () => host.stop(),
  };
  host.desks.on(({ sessions }) => surface.onShown({ sessions: sessions.length }));
  host.events.on(({ events }) => surface.onShown({ seq: events.at(-1)?.seq ?? 0 }));
  host.followDesk();
  host.follow(sessionId);
  host.start();
  return surface;
}

/** The tray's own connection: the list of sessions. */
export function traySurface(home: Home, dist: string): Surface {
  const tray = new HostConnection({
    door: hostSocket(home, { dist, execPath: process.execPath }),
    version: '0',
    log: silentLogger,
    random: Math.random,
    changed: ({ link, sessions }) => {
      if (link?.kind === 'connected' && sessions !== undefined)
        surface.onShown({ sessions: sessions.length });
    },
  });
  const surface: Surface = {
    name: 'tray',
    shows: { desk: true, events: false },
    onShown: () => {},
    stop: async () => tray.close(),
  };
  void tray.start();
  return surface;
}

/** The command line as it is, in a process of its own: one session with all its events. */
export function cliSurface(
  home: Home,
  dist: string,
  sessionId: SessionId,
  name = 'command line',
): Surface {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(dist, 'cli', 'main.js'), 'watch', sessionId, '--json'],
    {
      env: { ...process.env, PORCHLIGHT_HOME: home.root },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const surface: Surface = {
    name,
    shows: { desk: false, events: true },
    onShown: () => {},
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const seq = /"seq":(\d+)/.exec(line)?.[1];
      if (seq !== undefined) surface.onShown({ seq: Number(seq) });
    });
  return surface;
}
