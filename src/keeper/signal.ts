/** Sends a signal to a process (a group when negative) that may be gone already. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  // 0, 1 and −1 mean our own group, init and everybody.
  if (Math.abs(pid) <= 1) return;
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: gone. EPERM: not ours any more; there is nothing to be done.
  }
}
