import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MAX_MS = 3_000;
const AFTER_MS = 1_000;

/** Made once and copied for each attack: a project, programs that only pretend, and things to misuse. */
const SETUP = String.raw`
set -e
mkdir -p bin evil-bin home work/scripts
for name in npm tsc npx rg cargo pytest; do printf '#!/bin/sh\nexit 0\n' > bin/$name; done
printf '#!/bin/sh\nexec ../bin/pwn\n' > evil-bin/ls
cd work
printf 'hello\n' > a.txt; printf 'v\n' > victim
printf '#!/bin/sh\npwn\n' > evil.sh
printf 'import{execSync}from"node:child_process";execSync("pwn")\n' | tee evil.mjs > evil.test.mjs
printf 'require("child_process").execSync("pwn")\n' > evil.cjs
printf 'import os\nos.system("pwn")\n' > evil.py
printf 'BEGIN{system("pwn")}\n' > evil.awk
printf 'w owned\n' > evil.sed
printf 'x:\n\tpwn\n' > evil.mk
printf 'console.log("built")\n' > scripts/build.mjs
repo() {
  git init -q --template= "$1" && git -C "$1" config user.email a@b && git -C "$1" config user.name a
  git -C "$1" config gc.auto 0 && printf 'first\n' > "$1/a.txt" && git -C "$1" add a.txt
  git -C "$1" commit -qm one && printf 'hello\n' > "$1/a.txt" && git -C "$1" commit -qam two
}
repo . && repo evil-repo && printf 'more\n' >> evil-repo/a.txt
rm -rf .git/logs evil-repo/.git/logs
git -C evil-repo config core.fsmonitor pwn && git -C evil-repo config diff.external pwn
chmod +x evil.sh ../bin/* ../evil-bin/*
`;

/** A folder in which attacks are run to see whether they do what they claim. */
export class ProofGround {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#template, { recursive: true });
    execFileSync('bash', ['-c', SETUP], { cwd: this.#template, env: this.#env(this.#template) });
  }

  /** Whether the line, run by bash, makes `owned` or removes `victim`. */
  async succeeds(line: string): Promise<boolean> {
    this.#count += 1;
    const ground = path.join(this.#folder, String(this.#count));
    const withGit = line.includes('git');
    await cp(this.#template, ground, {
      recursive: true,
      filter: (from) => withGit || !/\/(?:\.git|evil-repo)$/.test(from),
    });
    const owned = path.join(ground, 'owned');
    await writeFile(path.join(ground, 'bin', 'pwn'), `#!/bin/sh\n: > '${owned}'\n`, {
      mode: 0o755,
    });
    const done = (): boolean =>
      existsSync(owned) ||
      existsSync(path.join(ground, 'work', 'owned')) ||
      !existsSync(path.join(ground, 'work', 'victim'));
    await this.#run(line, ground);
    // What it left in the background may take a moment.
    const until = Date.now() + AFTER_MS;
    while (!done() && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const result = done();
    await rm(ground, { recursive: true, force: true });
    return result;
  }

  async #run(line: string, ground: string): Promise<void> {
    const child = spawn('bash', ['-c', line], {
      cwd: path.join(ground, 'work'),
      env: this.#env(ground),
      stdio: 'ignore',
      detached: true,
    });
    const { pid } = child;
    const timer = setTimeout(() => pid !== undefined && process.kill(-pid, 'SIGKILL'), MAX_MS);
    await new Promise((resolve) => child.once('exit', resolve));
    clearTimeout(timer);
  }

  get #template(): string {
    return path.join(this.#folder, 'template');
  }

  #env(ground: string): NodeJS.ProcessEnv {
    return {
      PATH: `${path.join(ground, 'bin')}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: path.join(ground, 'home'),
      LANG: 'C.UTF-8',
      GIT_CONFIG_NOSYSTEM: '1',
    };
  }
}
