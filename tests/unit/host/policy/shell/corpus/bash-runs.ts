import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MAX_MS = 60_000;
const DRIVER = `
log=$1; shift
mapfile -d '' -t lines < "$1"
cd "$2"
PATH=/nonexistent
# In one write: both ends of a pipe may tell at the same time.
command_not_found_handle() { local told; printf -v told '%s\\x1f' "$@"; printf '%s\\x1e' "$told" >> "$log"; return 1; }
for line in "\${lines[@]}"; do
  ( eval "$line"; wait ) < /dev/null > /dev/null 2>&1
  printf '\\x1d' >> "$log"
done
`;

/** What bash runs of each line, as words; no program is found, so that nothing but builtins happens. */
export function bashRuns(lines: readonly string[]): string[][][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'porchlight-bash-'));
  try {
    const [log, input] = [path.join(folder, 'log'), path.join(folder, 'lines')];
    writeFileSync(input, lines.map((line) => `${line}\0`).join(''));
    const work = mkdtempSync(path.join(folder, 'work-'));
    spawnSync('bash', ['-c', DRIVER, 'bash', log, input, work], {
      timeout: MAX_MS,
      killSignal: 'SIGKILL',
    });
    const cases = readFileSync(log, 'utf8').split('\x1d').slice(0, -1);
    return cases.map((one) =>
      one
        .split('\x1e')
        .slice(0, -1)
        .map((words) => words.split('\x1f').slice(0, -1)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
