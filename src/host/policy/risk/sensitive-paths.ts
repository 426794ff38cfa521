import type { PathWorld } from '../paths/path-world.ts';
import { comparable, isWithin } from '../paths/resolve.ts';

/** Names of files that hold keys or passwords, wherever they lie. */
const SECRET_NAME =
  /^(?:\.env(?:rc|\.(?!(?:example|sample|template|dist|test)$).+)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|[._]netrc|\.npmrc|\.yarnrc\.yml|\.pypirc|\.pgpass|\.my\.cnf|\.htpasswd|\.git-credentials|\.dockerconfigjson|\.vault-token|credentials(?:\.json|\.toml)?|client_secret.*\.json|service[-_]?account.*\.json|secrets?\.(?:ya?ml|json|toml)|master\.key|g?shadow-?|sudoers|login data|key[34]\.db|logins\.json)$/u;
/** Below the person's home. `~/.ssh` holds some that are public. */
const SECRET_BELOW_HOME = [
  ...[
    '.ssh',
    '.aws',
    '.gnupg',
    '.azure',
    '.config/gcloud',
    '.kube',
    '.docker/config.json',
    '.config/gh',
  ],
  ...[
    '.claude/.credentials.json',
    '.claude.json',
    '.codex/auth.json',
    '.local/share/opencode/auth.json',
  ],
  ...['.gemini/oauth_creds.json', '.gemini/google_accounts.json', '.config/op', '.password-store'],
  ...['Library/Keychains', '.local/share/keyrings', '.terraform.d', '.cargo/credentials.toml'],
  ...['.gem/credentials', '.m2/settings.xml', '.config/hub', '.config/rclone', '.bash_history'],
  ...['.zsh_history', '.mozilla', '.config/google-chrome', '.config/chromium', 'Library/Cookies'],
  ...['AppData/Roaming/Microsoft/Credentials', 'AppData/Local/Microsoft/Credentials'],
  ...['AppData/Local/Google/Chrome/User Data'],
];
const PUBLIC = /\.pub$|[/\\]known_hosts(?:\.old)?$/u;
const SECRET_ON_SYSTEM =
  /^\/(?:private\/)?etc\/(?:g?shadow|sudoers|ssl\/private|ssh\/ssh_host)|^\/proc\/[^/]+\/(?:environ|mem)|^\/root\/|^\/library\/keychains|\/windows\/system32\/config\/(?:sam|security|system)$/u;

/** Files that something runs or obeys later: whoever writes them gives themselves more rights. */
const OBEYED =
  /(?:^|\/)(?:\.git\/(?:hooks\/|config$)|\.gitconfig$|\.ssh\/(?:authorized_keys|config|rc)$|\.(?:bash|zsh)(?:rc|_profile|_login|_logout|env)$|\.(?:profile|zshenv|zprofile|zlogin|inputrc)$|\.config\/(?:autostart|systemd|fish|environment\.d)\/|library\/launch(?:agents|daemons)\/|\.claude\/(?:settings[\w.]*\.json$|hooks\/)|\.mcp\.json$|\.codex\/(?:config\.toml|rules\/)|\.gemini\/(?:settings\.json|policies\/)|opencode\.jsonc?$|\.opencode\/|\.vscode\/(?:tasks|settings|launch)\.json$|start menu\/programs\/startup\/)/u;
const OBEYED_ON_SYSTEM =
  /^\/(?:private\/)?(?:etc|boot|usr\/(?!local\/tmp)|bin|sbin|lib|var\/spool\/cron|system|library\/launch)(?:\/|$)/u;
const CONTROL_SOCKET = /\/(?:docker|podman|containerd|crio)[\w.-]*\.sock$|\/libvirt-sock$/u;

/** Keys, passwords, tokens: by the name of the file, or by where it lies. */
export function isSecret(form: string, world: PathWorld): boolean {
  const plain = comparable(form, world).toLowerCase();
  if (PUBLIC.test(plain)) return false;
  const name = plain.slice(plain.lastIndexOf('/') + 1);
  if (SECRET_NAME.test(name) || SECRET_ON_SYSTEM.test(plain)) return true;
  return SECRET_BELOW_HOME.some((each) => isWithin(form, `${world.home}/${each}`, world));
}

/** Hooks, start-up files, settings of agents, the system's own: what is written there is obeyed. */
export function isObeyed(form: string, world: PathWorld): boolean {
  const plain = comparable(form, world).toLowerCase();
  return OBEYED.test(plain) || OBEYED_ON_SYSTEM.test(plain);
}

/** Sockets by which one is as good as the administrator. */
export function isControlSocket(form: string): boolean {
  return CONTROL_SOCKET.test(form);
}

/** Where everybody writes what nobody keeps. */
export function isTemporary(form: string): boolean {
  return /^(?:\/private)?(?:\/tmp|\/var\/tmp|\/var\/folders)\/|\\temp\\/iu.test(form);
}

/** What only looks like a file. */
export function isNothing(form: string): boolean {
  return /^\/dev\/(?:null|zero|u?random|tty|std(?:in|out|err)|fd\/\d+)$|^nul$/iu.test(form);
}
