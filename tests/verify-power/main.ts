import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeOf, makeHome } from '../../src/local/home.ts';
import { hasPowerJournal, powerJournalFolder } from '../../src/local/power-journal.ts';
import { runTool } from '../../src/local/run-tool.ts';
import { HolderProcess } from './holder-process.ts';
import { asJson, asMarkdown, namesHere } from './report.ts';
import type { Person, Rig } from './rig.ts';
import { Steps } from './steps.ts';
import { verify } from './verify.ts';
import { viewFor } from './view.ts';

const UNDO_LIMIT_MS = 60_000;

export interface VerifyPowerOptions {
  /** The built holder. */
  readonly program: string;
  readonly version: string;
  /** Where the report goes. */
  readonly folder: string;
  readonly quick: boolean;
  readonly person: Person;
  readonly say: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
  /** Somebody calls it off. */
  readonly stopped: Promise<string>;
}

/** Runs all steps on this machine, undoes whatever happened, and writes the report. True: all holds. */
export async function verifyPower(options: VerifyPowerOptions): Promise<boolean> {
  const { env, say, person, quick, folder } = options;
  const view = viewFor(process.platform, runTool, env);
  if (view === null)
    throw new Error(`Porchlight does not know how to keep ${process.platform} awake.`);
  if (hasPowerJournal(powerJournalFolder(env)))
    throw new Error(
      'A Porchlight of yours has changed power settings, or left them changed. Release what it holds (porchlight power release), or run: porchlight power undo',
    );
  const root = mkdtempSync(join(tmpdir(), 'porchlight-verify-'));
  const home = homeOf({ ...env, PORCHLIGHT_HOME: root });
  makeHome(home);
  const undo = async (): Promise<string> => await undone(options, root);
  let whyOff: string | null = null;
  const calledOff = options.stopped.then((why) => {
    whyOff = why;
    throw new Error(why);
  });
  calledOff.catch(() => {});
  /** What still runs when it is called off begins nothing more. */
  const goesOn = (): void => {
    if (whyOff !== null) throw new Error(whyOff);
  };
  const rig: Rig = {
    view,
    undo,
    async start() {
      goesOn();
      return await HolderProcess.start(options.program, home, env);
    },
    kill: (pid) => void process.kill(pid, 'SIGKILL'),
    nowMs: () => performance.now(),
    async pause(ms) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      goesOn();
    },
  };
  const steps = new Steps(say);
  try {
    const about = await view.about();
    await Promise.race([verify(rig, person, steps, { quick }), calledOff]).catch(
      async (error: unknown) =>
        await steps.check('The check itself', 'it comes to its end', () => Promise.reject(error)),
    );
    const report = {
      porchlight: options.version,
      system: { ...about, node: process.version, architecture: process.arch },
      day: new Date().toISOString().slice(0, 10),
      holds: steps.holds,
      steps: steps.all,
    };
    writeFileSync(join(folder, 'porchlight-power-report.json'), asJson(report, namesHere()));
    writeFileSync(join(folder, 'porchlight-power-report.md'), asMarkdown(report, namesHere()));
    return steps.holds;
  } finally {
    say(await undo().catch((error: unknown) => `Not undone: ${String(error)}`));
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function undone({ program, env }: VerifyPowerOptions, root: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, '--undo'],
      { env: { ...env, PORCHLIGHT_HOME: root }, timeout: UNDO_LIMIT_MS, windowsHide: true },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout.trim())
          : reject(new Error(`${stdout}${stderr}`.trim() || error.message)),
    );
  });
}
