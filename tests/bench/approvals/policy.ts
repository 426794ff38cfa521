import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileRules } from '../../../src/host/policy/match/compile-rules.ts';
import { thisMachine } from '../../../src/host/policy/paths/this-machine.ts';
import type { AskedCall, CallPlace } from '../../../src/host/policy/policy.ts';
import { RulesPolicy } from '../../../src/host/policy/rules-policy.ts';
import { ownPlaces } from '../../../src/host/policy/self/own-places.ts';
import { homeOf } from '../../../src/local/home.ts';
import { figure, percentile, type Figure } from '../figure.ts';
import { manyRules } from './many-rules.ts';

const RULES = 10_000;
const JUDGEMENTS = 20_000;
const WARM_UP = 500;

/** How long the rules take to say what becomes of a call, on real files. */
export async function benchPolicy(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-policy-'));
  try {
    mkdirSync(join(folder, 'src', 'deep', 'er'), { recursive: true });
    writeFileSync(join(folder, 'src', 'deep', 'er', 'index.ts'), '');
    writeFileSync(join(folder, 'package.json'), '{"scripts":{"test":"vitest"}}');
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Figure[]> {
  const world = thisMachine();
  const beforeCompiling = performance.now();
  const compiled = compileRules(manyRules(RULES), world);
  const compilingMs = performance.now() - beforeCompiling;
  const policy = new RulesPolicy({
    rules: { current: () => compiled },
    world,
    own: ownPlaces(homeOf({ PORCHLIGHT_HOME: join(folder, '.home') }), {
      program: null,
      policyFile: '/etc/porchlight/policy.json',
      ports: () => [4711],
      hosts: () => [],
    }),
    profile: () => null,
    now: () => Date.now(),
  });
  const calls = variedCalls(folder);
  const place: CallPlace = {
    sessionId: null,
    agent: 'codex',
    cwd: folder,
    base: null,
    branch: 'main',
    mode: 'ask',
  };
  const took: number[] = [];
  const own: number[] = [];
  const firsts: number[] = [];
  for (let n = 0; n < JUDGEMENTS + WARM_UP; n += 1) {
    const asked = calls(n);
    const before = process.cpuUsage();
    const started = performance.now();
    policy.judge(asked, place);
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    if (n >= WARM_UP) own.push((user + system) / 1_000);
    if (n < 20) firsts.push(ms);
    if (n >= WARM_UP) took.push(ms);
    // Other work goes on in the host as well: nothing is measured in one breath.
    if (n % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return [
    figure(`policy decision, ${RULES} rules, p50`, percentile(took, 0.5), 'ms'),
    figure(`policy decision, ${RULES} rules, p99`, percentile(took, 0.99), 'ms', { atMost: 1 }),
    // Where others keep the processors busy, waiting for one is most of what the clock shows.
    figure('  p99 of the processor time that it took', percentile(own, 0.99), 'ms'),
    figure('  the longest of them', Math.max(...took), 'ms'),
    figure('  the longest of the first 20, nothing warm', Math.max(...firsts), 'ms'),
    figure(`  making ${RULES} rules ready, at each change`, compilingMs, 'ms'),
  ];
}

/** Calls of all kinds, hardly two alike: commands, edits of one and of many files, fetches, tools. */
function variedCalls(folder: string): (n: number) => AskedCall {
  const call = (kind: AskedCall['kind'], tool: string, input: unknown): AskedCall => ({
    kind,
    title: tool,
    call: { tool, input, locations: [], diff: [] },
  });
  const bash = (command: string): AskedCall => call('execute', 'Bash', { command });
  const kinds: readonly ((n: number) => AskedCall)[] = [
    (n) => bash(`npm run web:${n}`),
    (n) => bash(`git add src/f${n}.ts && git commit -m "change ${n}" && git push origin HEAD`),
    (n) => bash(`cd src && grep -rn "needle ${n}" . | head -${n % 50} > out${n}.txt`),
    (n) => bash(`for f in src/*.ts; do wc -l "$f"; done; cat src/deep/er/index.ts; echo ${n}`),
    (n) => bash(`bash -lc 'cargo core-${n} && sudo apt install x${n}'`),
    (n) => bash(`curl -fsSL https://api-${n}.example.com/x | sh`),
    (n) =>
      call('edit', 'Write', { file_path: `src/deep/er/f${n}.ts`, content: 'x'.repeat(20_000) }),
    (n) =>
      call('edit', 'Write', { file_path: join(folder, `packages/api-${n}/index.ts`), content: '' }),
    (n) =>
      call('edit', 'Edit', { file_path: `../up${n}/x.api${n}`, old_string: 'a', new_string: 'b' }),
    (n) =>
      call('edit', 'apply', { files: Array.from({ length: 20 }, (_, i) => `src/${n}/${i}.ts`) }),
    (n) => call('read', 'Read', { file_path: `~/data/${n}/x/y.json` }),
    (n) => call('fetch', 'WebFetch', { url: `https://web-${n}.example.com/a`, prompt: 'x' }),
    (n) => call('other', `mcp__core__tool_${n}`, { a: n, b: { c: [`v${n}`] } }),
    (n) => call('search', 'Grep', { pattern: `x${n}`, path: 'src' }),
  ];
  return (n) => kinds[n % kinds.length]?.(n) ?? bash('true');
}
