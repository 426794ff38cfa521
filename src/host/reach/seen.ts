/** What can be seen of processes from outside; null where it cannot be seen. */
export interface ProcessLook {
  /** One of them stands still: stopped by a signal, a debugger, or suspended. */
  readonly stopped: boolean | null;
  /** Their open TCP connections to somewhere, loopback included: a model may run there. */
  readonly connections: number | null;
}

/** Never throws: what cannot be found out is null. */
export type LookAtProcesses = (pids: readonly number[]) => Promise<ProcessLook>;

export const UNSEEN: ProcessLook = { stopped: null, connections: null };
