import type { Mode } from '../../../protocol/mode.ts';
import type { AgentProfile } from '../profile.ts';

/** The package that makes an agent speak ACP, as `agents install` puts it into the agents folder. */
export interface AdapterPackage {
  readonly name: string;
  /** Exact: adapters change weekly, and ours was tested with this one. */
  readonly version: string;
  /** SHA-512 of the package's tarball, as the registry publishes it (Subresource Integrity form). */
  readonly integrity: string;
  /** What it takes on disk with its platform's binary, about; measured on linux-x64. */
  readonly bytes: number;
  readonly program: AdapterProgram;
  /**
   * The agent's own binary inside the package, by platform. Named to the adapter only when Electron
   * runs it: else it would start the agent's launcher script with `process.execPath`, an Electron.
   */
  readonly brings?: Readonly<Record<string, string>>;
}

/** Paths are relative to `node_modules` of the install folder. */
export type AdapterProgram =
  /** Run with Node. */
  | { readonly kind: 'script'; readonly path: string }
  /** A binary out of one of these packages; the first one found fits this platform. */
  | { readonly kind: 'binary'; readonly candidates: Readonly<Record<string, readonly string[]>> };

/** Everything known about starting one agent, as data. */
export interface Launcher {
  readonly profile: AgentProfile;
  readonly adapter: AdapterPackage | null;
  /** Arguments that make the program speak ACP on stdio. */
  readonly args: readonly string[];
  /** Programs on PATH that do so with {@link args}, best first. */
  readonly onPath: readonly string[];
  /** The agent's own program: used instead of the adapter's where the person has it. */
  readonly ownBinary: { readonly name: string; readonly variable: string } | null;
  /** Set for the agent in every mode, unless the person's environment or config.json has it. */
  readonly env: Readonly<Record<string, string>>;
  /** Imposes a mode where ACP cannot; JSON objects are merged into what the person has set. */
  readonly modeEnv: Readonly<Partial<Record<Mode, Readonly<Record<string, string>>>>>;
}
