import { existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger, type Logger } from '../base/log.ts';
import { homeOf, makeHome, type Home } from '../local/home.ts';
import { lineLog, truncateWhenLong } from '../local/line-log.ts';
import { powerJournalFolder } from '../local/power-journal.ts';
import { processStart } from '../local/process-start.ts';
import { printLook } from './look-once.ts';
import { platformHere } from './platform-here.ts';
import { runProgram } from './run-program.ts';

const own = fileURLToPath(import.meta.url);

// It looks at this machine alone: no home has to be there, and none is made.
if (process.argv.includes('--look')) await printLook(platformHere(process.platform));
else await run();

/** Wires this program for the home in the environment, and runs it as its arguments say. */
async function run(): Promise<void> {
  const home = homeOf(process.env);
  await runProgram(process.argv.slice(2), {
    home,
    log: logOf(home),
    journalFolder: powerJournalFolder(process.env),
    platform: platformHere(process.platform),
    startOf: processStart(process.platform),
    version: versionIn(join(dirname(own), '..', '..', 'package.json')),
    watchdogCommand: {
      command: process.execPath,
      args: [own, '--watchdog'],
      env: process.env,
    },
  });
}

function logOf(home: Home): Logger {
  // Who undoes what a home has left may have removed that home already, and wants none made.
  if (process.argv.includes('--undo') && !existsSync(home.root)) return silentLogger;
  const logFile = join(home.logs, 'holder.log');
  makeHome(home);
  truncateWhenLong(logFile);
  return lineLog(openSync(logFile, 'a', 0o600), logFile, () => new Date());
}

function versionIn(file: string): string {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof json === 'object' && json !== null && 'version' in json) return String(json.version);
  } catch {
    // A copy without its package: it holds all the same.
  }
  return '0.0.0';
}
