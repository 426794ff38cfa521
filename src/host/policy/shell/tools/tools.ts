import type { Tool } from '../tool.ts';
import { FILE_TOOLS } from './file-tools.ts';
import { RUNS_ARGUMENTS } from './generic.ts';
import { GIT } from './git-tools.ts';
import { PROJECT_TOOLS } from './project-tools.ts';

/** They run their arguments, or let somebody type commands: which, is not certain. */
const LAUNCHERS = `eval ssh mosh watch parallel su runuser chroot unshare nsenter setsid script expect
  screen tmux batch flock strace ltrace gdb lldb valgrind perf entr fswatch hyperfine concurrently
  run-p run-s npm-run-all xvfb-run dbus-run-session caffeinate pkexec run0 systemd-run firejail bwrap proot
  fakeroot busybox toybox wsl cmd powershell pwsh osascript open xdg-open start bunx uvx pipx uv poetry
  pipenv rye hatch tox nox bundle rake sudo doas env xargs timeout nohup nice ionice stdbuf time exec
  builtin vim vi nvim nano emacs ed ex view less more man info ftp telnet nc ncat netcat socat
  openssl ld.so ld-linux.so watchman watchexec nodemon ts-node tsx deno bun irb pry psql mysql sqlite3
  mongo redis-cli ansible terraform vagrant helm fish csh tcsh ksh ash rbash rlwrap chronic unbuffer
  choom taskset chrt prlimit setarch linux32 linux64 faketime direnv dotenv cross-env env-cmd asdf mise
  nvm fnm volta corepack lerna nx turbo rush gulp grunt just task ninja cmake bazel gradle mvn ant sbt
  java javac gcc cc clang g++ rustc ld ar dc bc m4 gawk-ext pax cpio tar zip unzip 7z ar rpm dpkg apt
  apt-get brew yum dnf pacman snap flatpak systemctl service launchctl at crontab mail sendmail git-shell`;

/** What is known of programs, by their names. */
export const TOOLS: ReadonlyMap<string, Tool> = new Map<string, Tool>([
  ...LAUNCHERS.split(/\s+/).map((name): [string, Tool] => [name, RUNS_ARGUMENTS]),
  ...FILE_TOOLS,
  ['git', GIT],
  ...PROJECT_TOOLS,
]);
