import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { PolicyPlace } from './policy-path.ts';

const LIMIT_MS = 15_000;
const SYSTEM = 'C:\\Windows\\System32';
/** Administrators, SYSTEM, TrustedInstaller: as SDDL abbreviates or spells them. */
const TRUSTED = new Set([
  'BA',
  'S-1-5-32-544',
  'SY',
  'S-1-5-18',
  'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',
]);
/** Rights of a file that only read or run it, as letters: all others, and these bits, are too much. */
const READING = new Set(['FR', 'GR', 'FX', 'GX', 'RC', 'CC', 'SW', 'WP', 'LO']);
const WRITE_BITS = 0x4000_0000 | 0x1000_0000 | 0x000d_0000 | 0x0000_0156;

/** Everybody may make files below ProgramData, so whose this one is must be asked for. */
export function windowsPolicy(): PolicyPlace {
  // Not from %ProgramData%: that is part of an environment that an agent may have set.
  const path = 'C:\\ProgramData\\Porchlight\\policy.json';
  return { path, keepers: { owners: null, ownGroup: null, accessProblem } };
}

function accessProblem(path: string): string | null {
  for (const each of [dirname(path), path]) {
    let sddl: string;
    try {
      sddl = execFileSync(
        `${SYSTEM}\\WindowsPowerShell\\v1.0\\powershell.exe`,
        [
          ...['-NoProfile', '-NonInteractive', '-Command'],
          `(Get-Acl -LiteralPath '${each.replaceAll("'", "''")}').Sddl`,
        ],
        {
          encoding: 'utf8',
          timeout: LIMIT_MS,
          windowsHide: true,
          env: { SystemRoot: 'C:\\Windows' },
        },
      );
    } catch {
      return `who may write ${each} cannot be found out`;
    }
    const problem = sddlProblem(sddl.trim());
    if (problem !== null) return `${each} ${problem}`;
  }
  return null;
}

/** What is wrong with an owner and an access list in SDDL ([MS-DTYP] §2.5.1), or null. */
export function sddlProblem(sddl: string): string | null {
  const owner = /^O:(S-[\d-]+|[A-Z]{2})/.exec(sddl)?.[1];
  if (owner === undefined || !TRUSTED.has(owner))
    return 'does not belong to the administrators: make them its owner';
  const list = /D:[A-Z]*((?:\([^()]*\))*)/.exec(sddl)?.[1];
  if (list === undefined) return 'has no access list: everybody may write it';
  for (const [, entry = ''] of list.matchAll(/\(([^()]*)\)/g)) {
    const [type, flags = '', rights = '', , , who = ''] = entry.split(';');
    // Only what allows, and holds here and not only for what is made inside.
    if ((type !== 'A' && type !== 'XA') || /IO/.test(flags) || TRUSTED.has(who)) continue;
    if (writes(rights)) return `can be written by others (${who}): take that right away`;
  }
  return null;
}

function writes(rights: string): boolean {
  if (/^0x/i.test(rights)) return (Number.parseInt(rights, 16) & WRITE_BITS) !== 0;
  return (rights.match(/.{2}/g) ?? ['??']).some((right) => !READING.has(right));
}
