import { dirname, join } from 'node:path';
import type { Home } from '../../../local/home.ts';

/** What of Porchlight itself a call must not touch without being asked about. */
export interface OwnPlaces {
  /** Its home as it is named, and as it is once links are resolved; see `resolved`. */
  readonly roots: readonly string[];
  /** Folders inside the home that agents work in: not Porchlight's own business. */
  readonly workplaces: readonly string[];
  /** Sockets outside of the home, the program's own folder, the administrator's policy. */
  readonly others: readonly string[];
  /** Ports that its host and relay listen on, by now. */
  ports(): readonly number[];
  /** Names that its relay is reached under from elsewhere. */
  hosts(): readonly string[];
}

/** The places of a home. `program`: the folder that the programs lie in; null where that is not known. */
export function ownPlaces(
  home: Home,
  more: {
    readonly program: string | null;
    readonly policyFile: string | null;
    ports(): readonly number[];
    hosts(): readonly string[];
  },
): OwnPlaces {
  const { program, policyFile, ports, hosts } = more;
  const sockets = [home.hostSocket, home.keeperSocket].filter(
    (socket) => dirname(socket) !== home.root,
  );
  return {
    roots: [home.root],
    workplaces: [join(home.root, 'worktrees')],
    others: [
      ...sockets.flatMap((socket) => (socket.startsWith('\\\\') ? [socket] : [dirname(socket)])),
      ...[program, policyFile].filter((each) => each !== null),
    ],
    ports,
    hosts,
  };
}
