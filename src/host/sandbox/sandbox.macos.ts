import { access, constants } from 'node:fs/promises';
import { deepestLast, type Probe, type Run, type Sandbox, type Seen } from './confiner.ts';

const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

/**
 * Seatbelt, by a profile of ours. In it the last rule that matches wins. Its folders cannot be empty
 * ones of one's own: what is `private` elsewhere is the common temporary folder here.
 */
export class MacosSandbox implements Sandbox {
  async probe(): Promise<Probe> {
    try {
      await access(SANDBOX_EXEC, constants.X_OK);
      return { works: true, sandbox: { name: 'seatbelt', wrap } };
    } catch {
      return {
        works: false,
        why: `This Mac has no ${SANDBOX_EXEC}.`,
        fix: 'Use a mode that asks.',
      };
    }
  }
}

function wrap({ command, args }: Run, seen: readonly Seen[]): Run {
  return { command: SANDBOX_EXEC, args: ['-p', seatbeltProfile(seen), command, ...args] };
}

/** Reading, running and the network are allowed; writing is not, but for what is named. */
export function seatbeltProfile(seen: readonly Seen[]): string {
  return [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper") (subpath "/dev/fd"))',
    // Other programs would do for it what it may not do itself.
    '(deny appleevent-send)',
    '(deny job-creation)',
    '(deny mach-lookup (global-name "com.apple.coreservices.launchservicesd") (global-name "com.apple.coreservices.quarantine-resolver"))',
    '(deny signal)',
    '(allow signal (target same-sandbox))',
    ...deepestLast(seen).flatMap(rulesFor),
    '',
  ].join('\n');
}

function rulesFor({ path, access: given, isFolder }: Seen): string[] {
  const where = `(${isFolder ? 'subpath' : 'literal'} ${quoted(path)})`;
  const sockets = `(remote unix-socket ${where})`;
  switch (given) {
    case 'write':
    case 'private':
      return [`(allow file-read* file-write* ${where})`, `(allow network-outbound ${sockets})`];
    case 'read':
      return [
        `(allow file-read* ${where})`,
        `(deny file-write* ${where})`,
        `(allow network-outbound ${sockets})`,
      ];
    case 'hidden':
      return [`(deny file-read* file-write* ${where})`, `(deny network-outbound ${sockets})`];
  }
}

/** Its strings are Scheme's. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/gu, (character) => `\\${character}`)}"`;
}
