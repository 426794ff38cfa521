import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../../../build/programs.mjs';

const LIMIT_MS = 60_000;
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const config: { forbidden: { name: string }[] } = createRequire(import.meta.url)(
  join(root, '.dependency-cruiser.cjs'),
);

/** rule → the file that breaks it and what it imports, relative to the root of a small tree. */
const planted: Record<string, [file: string, target: string]> = {
  'no-cycles': ['src/base/cycle-a.ts', './cycle-b.ts'],
  'programs-never-import-each-other': ['src/main/a.ts', '../host/inner.ts'],
  'contracts-import-only-contracts-and-base': ['src/protocol/a.ts', '../host/inner.ts'],
  'base-imports-only-base': ['src/base/a.ts', '../protocol/frame.ts'],
  'crypto-knows-no-product': ['src/crypto/a.ts', '../protocol/frame.ts'],
  'contracts-run-anywhere': ['src/connection/a.ts', 'node:fs'],
  'electron-only-in-the-shell': ['src/cli/a.ts', 'electron'],
  'local-is-for-programs-on-this-machine': ['src/local/a.ts', '../keeper/inner.ts'],
  'pages-and-preload-have-no-local-layer': ['renderer/state/a.ts', '../../src/local/home.ts'],
  'outbound-knows-only-base': ['src/outbound/a.ts', '../protocol/frame.ts'],
  'outbound-is-for-host-and-relay': ['src/cli/b.ts', '../outbound/post.ts'],
  'relay-sees-only-the-outer-frame': ['src/relay/a.ts', '../protocol/frame.ts'],
  'phone-has-no-electron': ['renderer/features/a.ts', '../../src/ipc/table.ts'],
  'drivers-do-not-know-sessions': ['src/host/agents/a.ts', '../sessions/inner.ts'],
  'only-compose-picks-a-driver': ['src/host/api/a.ts', '../agents/acp/driver.ts'],
  'acp-sdk-only-in-its-driver': ['src/host/b.ts', '@agentclientprotocol/sdk'],
  'platform-file-only-from-its-chooser': ['src/host/c.ts', './power/keep-awake.linux.ts'],
};

/** What the rules allow: none of it may be reported. */
const allowed: [file: string, target: string][] = [
  ['src/base/cycle-b.ts', './cycle-a.ts'],
  ['src/host/compose.ts', './agents/acp/driver.ts'],
  ['src/host/agents/acp/driver.ts', '@agentclientprotocol/sdk'],
  ['src/demo-agent/main.ts', '@agentclientprotocol/sdk'],
  ['src/host/power/keep-awake.ts', './keep-awake.linux.ts'],
  ['src/relay/b.ts', '../protocol/relay.ts'],
  ['src/relay/c.ts', '../outbound/post.ts'],
  ['src/host/e.ts', '../outbound/post.ts'],
  ['src/outbound/b.ts', '../base/plain.ts'],
  ['src/main/b.ts', 'electron'],
  ['src/main/c.ts', '../local/home.ts'],
  ['src/local/home.ts', '../protocol/frame.ts'],
  ['renderer/desktop/b.ts', '../../src/ipc/table.ts'],
  ['src/protocol/b.ts', '../base/plain.ts'],
  // A cycle of types alone is gone once compiled.
  ['src/main/d.ts', './e.ts'],
  ['src/main/e.ts', './d.ts'],
];

const leaves = [
  'src/host/inner.ts',
  'src/keeper/inner.ts',
  'src/host/sessions/inner.ts',
  'src/host/power/keep-awake.linux.ts',
  'src/protocol/frame.ts',
  'src/protocol/relay.ts',
  'src/outbound/post.ts',
  'src/ipc/table.ts',
  'src/base/plain.ts',
];

const reportSchema = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
    ),
  }),
});

const cruise = (cwd: string) => {
  const args = [cruiser, '--output-type', 'json', 'src', 'renderer'];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: LIMIT_MS,
  });
  return reportSchema.parse(JSON.parse(stdout)).summary;
};

const importing = (target: string, onlyTypes: boolean) =>
  `import ${onlyTypes ? 'type ' : ''}* as it from '${target}';\nexport type It = typeof it;\nexport const name = 'x';\n`;

describe('the dependency rules', () => {
  let tree: string;

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'rules-'));
    const put = (file: string, text: string) => {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
    };
    for (const leaf of leaves) put(leaf, 'export const leaf = 1;\n');
    for (const [file, target] of [...Object.values(planted), ...allowed])
      put(file, importing(target, !file.startsWith('src/base/cycle')));
    put('package.json', '{"type":"module"}');
    cpSync(join(root, '.dependency-cruiser.cjs'), join(tree, '.dependency-cruiser.cjs'));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction');
  });

  afterAll(() => rmSync(tree, { recursive: true }));

  it('have a planted violation each', () => {
    expect(Object.keys(planted).sort()).toEqual(config.forbidden.map((rule) => rule.name).sort());
  });

  it(
    'find every planted violation, and nothing else',
    () => {
      const found = cruise(tree).violations.map(({ rule, from }) => `${rule.name}: ${from}`);
      const expected = Object.entries(planted).map(([rule, [file]]) => `${rule}: ${file}`);
      expect(found.sort()).toEqual(expected.sort());
    },
    LIMIT_MS,
  );
});
