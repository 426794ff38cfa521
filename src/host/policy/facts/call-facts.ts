import type { ApprovalKind } from '../../../protocol/approval/approval.ts';
import type { PathForm } from '../paths/resolve.ts';
import type { CommandLine } from '../shell/command-line.ts';

export type PathAct = 'read' | 'write' | 'delete' | 'move';

export interface PathFact {
  readonly act: PathAct;
  readonly written: string;
  /** Absolute, links resolved; several where tools disagree on what is meant. Never empty. */
  readonly forms: readonly string[];
  /** `forms`, as they are compared with rules. */
  readonly real: readonly PathForm[];
  /** Absolute as they are named, links and all: what denies or asks counts these too. */
  readonly named: readonly PathForm[];
}

export interface HostFact {
  /** Lower case, without brackets. */
  readonly host: string;
  /** The scheme's own where none is given; null where that is not known. */
  readonly port: number | null;
}

/** An MCP tool as its agent names it; several readings where that name can be cut in several places. */
export interface McpFact {
  readonly name: string;
  readonly readings: readonly { readonly server: string; readonly tool: string }[];
}

/** Parts of a call that its text may not tell whole. */
export type FactPart = 'command' | 'paths' | 'hosts' | 'mcp';

/** What a call would do, as far as it says. */
export interface CallFacts {
  readonly kind: ApprovalKind;
  readonly tool: string;
  /** Where it runs; real. */
  readonly cwd: string;
  /** Where its commands may be while they run: `cwd`, and where they go to. */
  readonly folders: readonly string[];
  readonly commands: readonly CommandLine[];
  readonly paths: readonly PathFact[];
  readonly hosts: readonly HostFact[];
  readonly mcp: McpFact | null;
  /** What is not told whole: no rule about it allows the call. */
  readonly unknown: ReadonlySet<FactPart>;
  /** Why nobody can say what it does; empty: one can. Then nothing allows it but a person. */
  readonly opaque: readonly string[];
  /** Texts that may name something, in whatever field: for the look at Porchlight's own places. */
  readonly mentions: readonly string[];
  /** What in it does not look like what it is. */
  readonly deceptions: readonly string[];
}
