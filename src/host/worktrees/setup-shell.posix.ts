import { shellOf } from '../agents/login-shell.posix.ts';
import type { SetupProgram } from './setup-shell.ts';

/**
 * The person's shell, which needs to read no profile since it gets what a login gave, in the
 * foreground of a small shell that reads our pipe: when the host goes away,
 * however suddenly, the pipe ends and the whole group with it, so that no second run meets a first.
 */
const WATCHED = `exec 3<&0 </dev/null
"$@" 3<&- &
work=$!
{ while read -r _; do :; done; kill -KILL 0; } <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$work"
code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

export function setupInPosixShell(
  line: string,
  env: Readonly<Record<string, string>>,
): SetupProgram {
  return {
    command: '/bin/sh',
    args: ['-c', WATCHED, 'porchlight-setup', shellOf(env), '-c', line],
    env,
    isGroup: true,
    isVerbatim: false,
  };
}
