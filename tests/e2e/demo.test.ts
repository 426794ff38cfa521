import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { processesOf } from '../demo/processes.ts';
import { steps } from '../demo/steps.ts';
import { root } from './support/tray-app.ts';

/** What the demo promises, set-up not counted. */
const PLAY_LIMIT_MS = 60_000;
const RUN_LIMIT_MS = 150_000;
const PICTURES = [
  '01-lamp.png',
  '02-tray-menu.png',
  '03-new-session.png',
  '04-streaming.png',
  '05-edit-asked.png',
  '06-command-asked.png',
  '07-question.png',
  '08-last-edit.png',
  '09-terminal.png',
  '10-history-end.png',
  '10-history-start.png',
  '11-nothing-left.png',
];

interface Run {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The temp folder of all that the demo does, so that what it leaves can be seen. */
let temp: string;

beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(() => {
  rmSync(temp, { recursive: true, force: true });
});

async function demo(args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<Run> {
  const env = { ...process.env, ...extra, TMPDIR: temp };
  // As where there is no desktop at all.
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'VITEST'])
    Reflect.deleteProperty(env, name);
  return await new Promise((resolve) => {
    const given = [join(root, 'build', 'demo.mjs'), '--pictures', join(temp, 'pictures'), ...args];
    execFile(process.execPath, given, { env, timeout: RUN_LIMIT_MS }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

const pictures = (): string[] => readdirSync(join(temp, 'pictures')).toSorted();
const leftovers = (): unknown => ({
  processes: processesOf(temp),
  files: readdirSync(temp).filter((name) => !['pictures', 'bin'].includes(name)),
});
const nothing = { processes: [], files: [] };

describe('npm run demo', { timeout: RUN_LIMIT_MS }, () => {
  test('plays the main job in under a minute, a line and a picture for each step', async () => {
    const { code, stdout, stderr } = await demo([]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Failed')]);
    const [told, rest] = stdout.split('\n\n');
    expect(told?.split('\n').map((line) => /^(\d+)\. [^\n]{20,200}\.$/.exec(line)?.[1])).toEqual(
      steps.map((_, index) => String(index + 1)),
    );
    const seconds = Number(/^Done in (\d+) s\./.exec(rest ?? '')?.[1]);
    expect(seconds * 1_000).toBeLessThan(PLAY_LIMIT_MS);
    expect([pictures(), leftovers()]).toEqual([PICTURES, nothing]);
  });

  test('names the step that fails, shows the window, and leaves nothing', async () => {
    const bin = join(temp, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'git'), '#!/bin/sh\necho "git is broken today" >&2\nexit 1\n');
    chmodSync(join(bin, 'git'), 0o755);
    const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
    const { code, stdout, stderr } = await demo(['--json'], { PATH: path });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Failed at step 3, a session starts in a scratch git repository: .*git/m,
    );
    const playedSchema = z.array(z.object({ step: z.number(), ok: z.boolean(), says: z.string() }));
    expect(playedSchema.parse(JSON.parse(stdout))).toEqual([
      { step: 1, ok: true, says: expect.any(String) },
      { step: 2, ok: true, says: expect.any(String) },
      { step: 3, ok: false, says: expect.stringContaining('git is broken today') },
    ]);
    expect([pictures(), leftovers()]).toEqual([
      ['01-lamp.png', '02-tray-menu.png', '03-failed.png'],
      nothing,
    ]);
  });
});
