import type { Mark } from './marks.ts';
import { list } from '../shell/tool.ts';

/** Program → its words that bring something from elsewhere; null: it always does. */
const BRINGS: ReadonlyMap<string, RegExp | null> = new Map<string, RegExp | null>([
  [
    'npm',
    /^(?:i|in|ins|install|add|ci|clean-install|update|up|upgrade|exec|x|init|create|link|it|install-test)$/u,
  ],
  ['pnpm', /^(?:i|install|add|update|up|dlx|create|import|link)$/u],
  ['yarn', /^(?:install|add|up|upgrade|dlx|create|link|global)$/u],
  ['bun', /^(?:i|install|add|update|x|create|link)$/u],
  ['deno', /^(?:install|add)$/u],
  ['corepack', null],
  ['pip', /^(?:install|download|wheel)$/u],
  ['pip3', /^(?:install|download|wheel)$/u],
  ['pipx', null],
  ['uv', /^(?:pip|add|sync|tool|run|python|lock)$/u],
  ['uvx', null],
  ['poetry', /^(?:add|install|update|self)$/u],
  ['conda', /^(?:install|create|update|env)$/u],
  ['cargo', /^(?:install|add|binstall|update)$/u],
  ['rustup', /^(?:install|update|toolchain|component|target)$/u],
  ['go', /^(?:install|get)$/u],
  ['gem', /^(?:install|update)$/u],
  ['bundle', /^(?:install|update|add)$/u],
  ['composer', /^(?:require|install|update|global|create-project)$/u],
  ['dotnet', /^(?:add|restore|tool)$/u],
  ['nuget', /^(?:install|restore)$/u],
  ['code', /^--install-extension$/u],
  ['docker', /^(?:pull|run|build|compose)$/u],
  ['podman', /^(?:pull|run|build)$/u],
  ['gh', /^(?:extension)$/u],
  ['vcpkg', /^install$/u],
  ['luarocks', /^install$/u],
]);
/** They change the machine, not the project. */
const SYSTEM: ReadonlyMap<string, RegExp> = new Map([
  ...[
    'apt',
    'apt-get',
    'aptitude',
    'dnf',
    'yum',
    'zypper',
    'apk',
    'brew',
    'snap',
    'flatpak',
    'port',
  ].map((name): [string, RegExp] => [
    name,
    /^(?:install|reinstall|add|upgrade|update|full-upgrade|dist-upgrade|remove|purge|del|uninstall|autoremove|tap|cask|in|rm|refresh)$/u,
  ]),
  ...['choco', 'winget', 'scoop'].map((name): [string, RegExp] => [
    name,
    /^(?:install|upgrade|uninstall)$/u,
  ]),
  ['pacman', /^-[SRU]/u],
  ['dpkg', /^-[irP]|^--(?:install|remove|purge)$/u],
  ['rpm', /^-[iUeF]/u],
]);
const FETCHERS = new Set(['npx', 'pnpx', 'bunx', 'dlx']);

/** Programs that read what they run from what is piped into them. */
const SHELLS = list(`
  sh bash zsh dash ksh fish python python3 node perl ruby pwsh
`);
const DOWNLOADS = new Set(['curl', 'wget']);

/** What a command brings onto this machine; `isThere`: a program of the project's own. */
export function installRisks(
  program: string,
  words: readonly (string | null)[],
  about: string,
  isThere: (name: string) => boolean,
): Mark[] {
  const known = words.map((word) => word ?? '');
  const operands = known.filter((word) => !word.startsWith('-'));
  if (FETCHERS.has(program)) {
    const isOwn = operands[0] !== undefined && isThere(operands[0]);
    return isOwn ? [] : [{ kind: 'installs', level: 'elevated', about }];
  }
  if (
    /^python3?$/u.test(program) &&
    known[0] === '-m' &&
    /^(?:pip|ensurepip)$/u.test(known[1] ?? '')
  )
    return [{ kind: 'installs', level: 'elevated', about }];
  const system = SYSTEM.get(program);
  if (system !== undefined)
    return known.slice(0, 4).some((word) => system.test(word))
      ? [{ kind: 'installs', level: 'high', about }]
      : [];
  const brings = BRINGS.get(program);
  if (brings === undefined) return [];
  const isPlainYarn = program === 'yarn' && operands.length === 0;
  return brings === null ||
    isPlainYarn ||
    [operands[0] ?? '', known[0] ?? ''].some((word) => brings.test(word))
    ? [{ kind: 'installs', level: 'elevated', about }]
    : [];
}

/** `curl … | sh`: what was fetched is run unseen. */
export function runsDownload(programs: readonly string[], text: string): boolean {
  return (
    /[|<`$]/u.test(text) &&
    programs.some((program) => DOWNLOADS.has(program)) &&
    programs.some((program) => SHELLS.has(program))
  );
}
