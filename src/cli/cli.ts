import type { Readable, Writable } from 'node:stream';
import { homeOf, type Home } from '../local/home.ts';
import type { HostPrograms } from '../local/ensure-host.ts';
import type { CommandId } from '../protocol/ids.ts';
import { Output } from './output/output.ts';

export interface Terminal {
  /** As it is now. */
  size(): { readonly columns: number; readonly rows: number };
  onResize(listener: () => void): () => void;
}

/** All that the command line takes from the world around it; tests bring their own. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** A person sits at both ends: may be asked. */
  readonly interactive: boolean;
  /** Width of the terminal behind stdout; undefined when it is none. */
  readonly columns: number | undefined;
  /** The terminal behind stdout, where it can be painted on. */
  readonly terminal: Terminal | null;
  readonly programs: HostPrograms;
  readonly version: string;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly newCommandId: () => CommandId;
  /** Runs `stop` once on Ctrl-C, SIGTERM or hang-up; the returned function undoes it. */
  onSignal(stop: (signal: NodeJS.Signals) => void): () => void;
}

/** What every verb works with. */
export interface Cli extends Surroundings {
  readonly home: Home;
  readonly out: Output;
  readonly json: boolean;
  /** Start the host when nothing answers. */
  readonly startsHost: boolean;
  /** May a question be put to a person now? */
  readonly asks: boolean;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly start?: boolean;
}

export function makeCli(around: Surroundings, options: GlobalOptions): Cli {
  const json = options.json === true;
  const { stdout, stderr, columns } = around;
  return {
    ...around,
    home: homeOf(around.env),
    out: new Output({ stdout, stderr, json, columns }),
    json,
    startsHost: options.start !== false,
    asks: around.interactive && !json,
  };
}
