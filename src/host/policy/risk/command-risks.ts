import { programOf } from '../facts/command-facts.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import type { CommandLine, SimpleCommand } from '../shell/command-line.ts';
import { gitRisks } from './git-risks.ts';
import { installRisks, runsDownload } from './install-risks.ts';
import type { Mark } from './marks.ts';
import { list } from '../shell/tool.ts';

const PRIVILEGE = list(`
  sudo doas su pkexec run0 runas gsudo sudoedit visudo setcap usermod useradd adduser
  userdel groupadd passwd chpasswd mount umount modprobe insmod rmmod iptables nft ufw
  launchctl crontab at setenforce chroot nsenter unshare csrutil spctl dscl schtasks reg
  sc update-alternatives
`);
const NETWORK = list(`
  curl wget http https xh nc ncat netcat socat telnet ssh scp sftp ftp rsync mosh ping dig
  nslookup host whois nmap gh glab aws gcloud az kubectl helm terraform heroku vercel
  netlify flyctl doctl aria2c lynx psql mysql mongosh redis-cli ngrok cloudflared
  tailscale ssh-copy-id openssl
`);
const DESTROYS = list(`
  shred mkfs fdisk parted wipefs dd diskutil format srm
`);
const SENDS =
  /^(?:-d|--data(?:-\w+)?|-F|--form(?:-string)?|-T|--upload-file|--post-(?:data|file)|--body-(?:data|file)|--json)(?:=|$)/u;
const SECRET_WORDS =
  /^(?:security (?:find|dump|export)|secret-tool (?:lookup|search)|pass (?:show|ls)?|op (?:read|item)|gh auth token|gpg2? .*--export-secret|gcloud auth print|kubectl (?:get|describe) secrets?|aws configure|vault (?:read|kv)|printenv(?: |$)|ssh-keygen)/u;

/** What the commands of a call may do harm by. */
export function commandRisks(facts: CallFacts, world: PathWorld): Mark[] {
  const isThere = (name: string): boolean =>
    /^[\w.-]+$/u.test(name) &&
    facts.folders.some((folder) => world.realpath(`${folder}/node_modules/.bin/${name}`) !== null);
  return facts.commands.flatMap((line) => [
    ...line.commands.flatMap((command) => oneCommand(command, isThere)),
    ...lineRisks(line),
  ]);
}

function lineRisks(line: CommandLine): Mark[] {
  const programs = line.commands.map(({ words }) => programOf(words[0]));
  const marks: Mark[] = line.opaque.map((about) => ({ kind: 'unreadable', level: 'high', about }));
  if (runsDownload(programs, line.text))
    marks.push({ kind: 'installs', level: 'high', about: line.text });
  return marks;
}

function oneCommand(command: SimpleCommand, isThere: (name: string) => boolean): Mark[] {
  const marks: Mark[] = [];
  const about = command.forms[0]?.words.map(({ source }) => source).join(' ') ?? '';
  if (command.privilege !== null) marks.push({ kind: 'privilege', level: 'high', about });
  const program = programOf(command.words[0]);
  const words = command.words
    .slice(1)
    .map(({ text, begins }) => text ?? (begins === '' ? null : begins));
  if (PRIVILEGE.has(program) || raisesRights(program, words))
    marks.push({ kind: 'privilege', level: 'high', about });
  if (program === 'git') marks.push(...gitRisks(words, about));
  if (NETWORK.has(program)) {
    const sends = words.some((word) => word !== null && SENDS.test(word));
    marks.push({ kind: 'network', level: sends ? 'high' : 'elevated', about });
  }
  marks.push(...installRisks(program, words, about, isThere));
  if (DESTROYS.has(program.split('.')[0] ?? ''))
    marks.push({ kind: 'deletes', level: 'high', about });
  else if (deletes(program, words))
    marks.push({
      kind: 'deletes',
      level: isRecursive(program, words) ? 'high' : 'elevated',
      about,
    });
  if (SECRET_WORDS.test([program, ...words.map((word) => word ?? '')].join(' ')))
    marks.push({ kind: 'secrets', level: 'high', about });
  return marks;
}

function raisesRights(program: string, words: readonly (string | null)[]): boolean {
  const known = words.map((word) => word ?? '');
  if (program === 'chmod')
    return known.some((word) => /^[ugoa]*[+=][rwx]*s|^0?[2-7]\d{3}$/u.test(word));
  if (program === 'chown') return known.some((word) => /^(?:root|0)(?::|$)/u.test(word));
  if (program === 'systemctl') return !known.includes('--user');
  if (program !== 'docker' && program !== 'podman') return false;
  return known.some((word) =>
    /^--(?:privileged|pid=host|net(?:work)?=host|cap-add|device|userns=host)|^(?:-v|--volume=?)?\/:|docker\.sock/u.test(
      word,
    ),
  );
}

function deletes(program: string, words: readonly (string | null)[]): boolean {
  if (['rm', 'rmdir', 'unlink', 'trash', 'del', 'rd', 'erase', 'truncate'].includes(program))
    return true;
  if (program === 'find' || program === 'fd') return words.includes('-delete');
  return (
    program === 'rsync' && words.some((word) => /^--delete|^--remove-source/u.test(word ?? ''))
  );
}

/** What is deleted is not told: a variable, or all that a glob finds. */
function isRecursive(program: string, words: readonly (string | null)[]): boolean {
  if (program !== 'rm' && program !== 'del' && program !== 'rd') return false;
  const recursive = words.some((word) => /^-[a-zA-Z]*[rR]|^--recursive$|^\/s$/u.test(word ?? ''));
  return recursive && words.some((word) => word === null);
}
