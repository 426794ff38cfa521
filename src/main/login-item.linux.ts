import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { LoginItem, LoginItemNeeds } from './login-item.ts';

/** Ours in the entry: the program as it is, for telling whether it is still there. */
const PROGRAM_KEY = 'X-Porchlight-Program';

/** A desktop entry in the autostart folder (Desktop Application Autostart Specification). */
export function desktopEntryItem(needs: LoginItemNeeds): LoginItem | null {
  const { home, env, userFolder, program } = needs;
  // Only a portal can do it from inside, and a home has no name outside.
  if (env.FLATPAK_ID !== undefined && env.FLATPAK_ID !== '') return null;
  const given = env.XDG_CONFIG_HOME;
  const config = given !== undefined && isAbsolute(given) ? given : join(userFolder, '.config');
  const folder = join(config, 'autostart');
  const isDefault = home.root === join(userFolder, '.porchlight');
  const hash = createHash('sha256').update(home.root).digest('hex').slice(0, 8);
  const file = join(folder, isDefault ? 'porchlight.desktop' : `porchlight-${hash}.desktop`);
  const entry = desktopEntry({
    before: isDefault ? [] : ['env', `PORCHLIGHT_HOME=${home.root}`],
    program,
    args: [...needs.args, '--hidden'],
  });
  const write = (): void => {
    mkdirSync(folder, { recursive: true });
    const draft = `${file}.draft`;
    writeFileSync(draft, entry);
    renameSync(draft, file);
  };
  return {
    isOn: () => isEnabled(read(file)),
    set: (on) => (on ? write() : rmSync(file, { force: true })),
    mend: () => {
      const text = read(file);
      const was = text === null ? null : valueOf(text, PROGRAM_KEY);
      // Another build that is still there was chosen by somebody.
      if (isEnabled(text) && was !== null && !existsSync(unescaped(was))) write();
    },
  };
}

export interface DesktopCommand {
  readonly before: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
}

export function desktopEntry({ before, program, args }: DesktopCommand): string {
  // GLib looks for a program by the name as it is written, `%%` and all; `env` takes `=` for a variable.
  const shell = /[%=]/u.test(program) ? ['sh', '-c', 'exec "$0" "$@"'] : [];
  const words = [...before, ...shell, program, ...args];
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Porchlight',
    'Comment=Your coding agents keep working while you are away',
    `Exec=${escaped(words.map(quoteWord).join(' '))}`,
    'Terminal=false',
    'NoDisplay=true',
    'X-GNOME-Autostart-enabled=true',
    `${PROGRAM_KEY}=${escaped(program)}`,
    '',
  ].join('\n');
}

/** Quoting of one word (Desktop Entry Specification, The Exec key); `%` begins a field code. */
function quoteWord(word: string): string {
  return `"${word.replaceAll(/["`$\\]/gu, '\\$&').replaceAll('%', '%%')}"`;
}

/** A value of type string: this comes on top of the quoting. */
function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

function unescaped(value: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', s: ' ' };
  return value.replaceAll(/\\(.)/gu, (_, letter: string) => named[letter] ?? letter);
}

/** Desktops switch an entry off with one of two keys rather than remove it. */
function isEnabled(text: string | null): boolean {
  if (text === null) return false;
  return (
    valueOf(text, 'Hidden')?.toLowerCase() !== 'true' &&
    valueOf(text, 'X-GNOME-Autostart-enabled')?.toLowerCase() !== 'false'
  );
}

function valueOf(text: string, key: string): string | null {
  const line = text.split('\n').find((each) => each.replace(/\s*=.*/su, '') === key);
  return line === undefined ? null : line.slice(line.indexOf('=') + 1).trim();
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
