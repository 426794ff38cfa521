import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';

/** What goes wrong at start-up, for those who test a client against it. */
export const FAULTS = {
  exit: 'writes a reason to stderr and exits with 1 at once',
  garbage: 'writes lines that are not JSON to stdout and never answers',
  'hang-initialize': 'never answers initialize',
  auth: 'session/new fails with -32000, Authentication required',
  'no-mode': 'session/set_mode is refused',
  'no-load': 'cannot load an earlier conversation',
  'old-protocol': 'initialize answers protocol version 0',
} as const;
export type Fault = keyof typeof FAULTS;

/** How it is run. */
export interface ServeOptions {
  readonly fault: Fault | null;
  readonly speed: number;
  readonly state: string | null;
  /** A second process does the work, and this one passes messages on. */
  readonly ownBinary: boolean;
  /** Goes on for a while when its client is gone. */
  readonly linger: boolean;
  /** Run in the session's folder before a session is opened. */
  readonly startCommand: string | null;
}

export type CommandLine =
  | ({ readonly do: 'serve' } & ServeOptions)
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  | { readonly do: 'refuse'; readonly message: string };

/** Reads the arguments after the script's own name. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  let values;
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        fault: { type: 'string' },
        speed: { type: 'string' },
        state: { type: 'string' },
        'own-binary': { type: 'boolean' },
        linger: { type: 'boolean' },
        'start-command': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return { do: 'refuse', message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return { do: 'help' };
  if (values.version === true) return { do: 'version' };
  const speed = values.speed === undefined ? 1 : Number(values.speed);
  if (!(speed > 0))
    return { do: 'refuse', message: `--speed ${values.speed}: give a number above 0, such as 10` };
  const state = values.state ?? null;
  if (state !== null && !isAbsolute(state))
    return { do: 'refuse', message: `--state ${state}: give an absolute path` };
  const { fault } = values;
  if (fault !== undefined && !isFault(fault))
    return {
      do: 'refuse',
      message: `--fault ${fault} is not known: use one of ${Object.keys(FAULTS).join(', ')}`,
    };
  return {
    do: 'serve',
    fault: fault ?? null,
    speed,
    state,
    ownBinary: values['own-binary'] ?? false,
    linger: values.linger ?? false,
    startCommand: values['start-command'] ?? null,
  };
}

function isFault(name: string): name is Fault {
  return Object.hasOwn(FAULTS, name);
}
