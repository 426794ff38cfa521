import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Surroundings } from '../../../src/cli/cli.ts';
import { runCli } from '../../../src/cli/program.ts';
import { makeHome, homeOf, type Home } from '../../../src/local/home.ts';
import { commandIdSchema } from '../../../src/protocol/ids.ts';
import { FakeHost, listen, type Listening } from '../../fakes/fake-host.ts';

export const NOW = Date.parse('2026-11-21T08:01:00.000Z');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process, against a fake host in a home of its own. */
export class CliBench {
  readonly root = mkdtempSync(join(tmpdir(), 'porchlight-cli-'));
  readonly home: Home = homeOf({ PORCHLIGHT_HOME: this.root });
  readonly host = new FakeHost();
  #listening: Listening | null = null;
  #commands = 0;

  constructor() {
    makeHome(this.home);
  }

  async up(): Promise<Listening> {
    this.#listening = await listen(this.host, this.home.hostSocket);
    return this.#listening;
  }

  async down(): Promise<void> {
    await this.#listening?.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  surroundings(
    given: Partial<Surroundings> = {},
  ): Surroundings & { stdout: PassThrough; stderr: PassThrough } {
    return {
      env: { PORCHLIGHT_HOME: this.root, PATH: process.env.PATH },
      cwd: '/work-folder',
      stdin: Readable.from([]),
      interactive: false,
      columns: undefined,
      terminal: null,
      programs: { dist: join(this.root, 'no-dist'), execPath: process.execPath },
      version: '0.1.0',
      nowMs: () => NOW,
      random: () => 0,
      newCommandId: () =>
        commandIdSchema.parse(
          `01920000-0000-7000-8000-${String(++this.#commands).padStart(12, '0')}`,
        ),
      onSignal: () => () => {},
      ...given,
      stdout:
        given.stdout instanceof PassThrough
          ? given.stdout
          : new PassThrough({ highWaterMark: 1024 * 1024 }),
      stderr:
        given.stderr instanceof PassThrough
          ? given.stderr
          : new PassThrough({ highWaterMark: 1024 * 1024 }),
    };
  }

  async run(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<Ran> {
    const around = this.surroundings(given);
    const out = collect(around.stdout);
    const err = collect(around.stderr);
    const code = await runCli(argv, around);
    return { code, stdout: out(), stderr: err() };
  }

  /** The same with `--json`, its answer parsed; undefined when stdout stayed empty. */
  async json(...argv: string[]): Promise<{ code: number; value: unknown; stderr: string }> {
    const { code, stdout, stderr } = await this.run([...argv, '--json']);
    return { code, value: stdout === '' ? undefined : JSON.parse(stdout), stderr };
  }
}

function collect(stream: PassThrough): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}
