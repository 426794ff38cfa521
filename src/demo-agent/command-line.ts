import { isAbsolute } from 'node:path';
import { parseArgs } from 'node:util';

/** What goes wrong at start-up, for those who test a client against it. */
export const FAULTS = {
  exit: 'writes a reason to stderr and exits with 1 at once',
  garbage: 'writes lines that are not JSON to stdout and never answers',
  'hang-initialize': 'never answers initialize',
  auth: 'session/new fails with -32000, Authentication required',
  'no-mode': 'session/set_mode is refused',
  'old-protocol': 'initialize answers protocol version 0',
} as const;
export type Fault = keyof typeof FAULTS;

export type CommandLine =
  | {
      readonly do: 'serve';
      readonly fault: Fault | null;
      readonly speed: number;
      readonly state: string | null;
    }
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
  if (values.fault === undefined) return { do: 'serve', fault: null, speed, state };
  if (!isFault(values.fault))
    return {
      do: 'refuse',
      message: `--fault ${values.fault} is not known: use one of ${Object.keys(FAULTS).join(', ')}`,
    };
  return { do: 'serve', fault: values.fault, speed, state };
}

function isFault(name: string): name is Fault {
  return Object.hasOwn(FAULTS, name);
}
