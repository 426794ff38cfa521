import { runTool, type RunTool } from '../../local/run-tool.ts';
import { UNSEEN, type LookAtProcesses } from './seen.ts';

const LIMIT_MS = 4_000;

/** ps(1) tells a stopped process by the state T, lsof(8) its connections; both are part of macOS. */
export function macosProcessLook(run: RunTool = runTool): LookAtProcesses {
  return async (pids) => {
    if (pids.length === 0) return UNSEEN;
    const list = pids.join(',');
    const options = { mayFail: true, limitMs: LIMIT_MS };
    const [states, sockets] = await Promise.all([
      run('/bin/ps', ['-o', 'state=', '-p', list], options).catch(() => null),
      run(
        '/usr/sbin/lsof',
        ['-nP', '-a', '-iTCP', '-sTCP:ESTABLISHED', '-p', list, '-Ff'],
        options,
      ).catch(() => null),
    ]);
    const lines = states?.split('\n').filter((line) => line.trim() !== '') ?? [];
    return {
      stopped: lines.length === 0 ? null : lines.some((line) => line.trim().startsWith('T')),
      // One `f<descriptor>` line a connection.
      connections: sockets === null ? null : (sockets.match(/^f/gm) ?? []).length,
    };
  };
}
