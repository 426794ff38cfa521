import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { withDeadline } from '../base/deadline.ts';
import type { Logger } from '../base/log.ts';
import { systemClock } from './clock.ts';
import { composeCluster, type ClusterNode } from './cluster/compose-cluster.ts';
import { lineLog } from './log.ts';
import type { NoteBook } from './notes/note-book.ts';
import { openNotes, type NoteOptions } from './notes/open-notes.ts';
import { readPage, type Page } from './page-files.ts';
import { readSettings, type RelaySettings } from './options.ts';
import { Relay } from './relay.ts';
import { CertificateFiles, type TlsSettings } from './tls/certificate-files.ts';
import { StoreTimes } from './metrics/store-times.ts';
import { usage } from './settings/usage.ts';

const STDERR = 2;
const WRONG_USAGE = 2;
/** Of a disk that hangs hosts hear that no notes are kept; they come in all the same. */
const NOTES_LIMIT_MS = 10_000;

/** `dist`, where this file is `relay/main.js`. */
const dist = join(dirname(fileURLToPath(import.meta.url)), '..');

await main();

async function main(): Promise<void> {
  // V8 gives a process that takes many connections at once up to 32 MB for young objects, and never
  // takes them back: more than thousands of idle devices need. Ours die young or live for long.
  setFlagsFromString('--semi-space-growth-factor=1');
  let settings: RelaySettings | null;
  try {
    settings = readSettings(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`porchlight relay: ${messageOf(error)}\n(--help lists the options)\n`);
    process.exitCode = WRONG_USAGE;
    return;
  }
  if (settings === null) process.stdout.write(usage());
  else await run(settings);
}

async function run(settings: RelaySettings): Promise<void> {
  const { listen, names, trustProxy, limits, endsWithStdin, serve, allowConnect, notes } = settings;
  const log = lineLog(STDERR, () => new Date());
  for (const doubt of settings.doubts) log.warn({ doubt }, 'a setting that means nothing');
  const version = versionIn(join(dist, '..', 'package.json'));
  const times = new StoreTimes(systemClock);
  const certificate = await certificateIn(settings.tls, log);
  if (certificate === 'unusable') process.exit(1);
  const node = nodeIn(settings, log);
  if (node === 'wrong') return;
  const relay = new Relay({
    ...{ names, trustProxy, limits, log, version, allowConnect },
    clock: systemClock,
    page: pageIn(serve, log),
    notes: node?.notes ?? (await notesIn(notes, log, times)),
    times,
    certificate,
    mail: node?.mail ?? null,
    cluster: node?.cluster ?? null,
  });
  let isLeaving = false;
  const leave = async (code: number, reason: string): Promise<void> => {
    if (isLeaving) return;
    isLeaving = true;
    log.info({ reason }, 'the relay stops');
    await relay.stop();
    process.exit(code);
  };
  // Without a certificate it stays what it is to every program: its terminal is gone.
  if (certificate !== null) process.on('SIGHUP', () => void certificate.reload());
  let isDraining = false;
  process.on('SIGTERM', () => {
    if (isDraining || settings.drainMs === 0) return void leave(0, 'SIGTERM');
    isDraining = true;
    log.info({ limitMs: settings.drainMs }, 'the relay sends its clients away');
    void relay.drain(settings.drainMs).then(async () => await leave(0, 'drained'));
  });
  // Somebody at a terminal, who does not want to wait.
  process.on('SIGINT', () => void leave(0, 'SIGINT'));
  // One client's bug must not cut all the others off; what it broke is in the log.
  process.on('uncaughtException', (error) =>
    log.error({ err: error.stack ?? error.message }, 'a bug in the relay'),
  );
  if (endsWithStdin) {
    // A pipe closes, a file only ends.
    for (const event of ['end', 'close', 'error'])
      process.stdin.on(event, () => void leave(0, 'stdin closed'));
    process.stdin.resume();
  }
  const listening: string[] = [];
  for (const address of listen) {
    try {
      listening.push(await relay.listen(address));
    } catch (error) {
      log.error({ err: messageOf(error) }, 'the relay cannot listen');
      await leave(1, 'no address');
    }
  }
  const status: string[] = [];
  try {
    if (settings.status !== null) status.push(await relay.listenForStatus(settings.status));
  } catch (error) {
    log.error({ err: messageOf(error) }, 'the relay cannot listen for its status');
    await leave(1, 'no address');
  }
  const told = { listening, ...(status.length > 0 && { status }) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  log.info({ version, addresses: listening.length }, 'the relay is up');
}

async function certificateIn(
  settings: TlsSettings | null,
  log: Logger,
): Promise<CertificateFiles | null | 'unusable'> {
  if (settings === null) return null;
  try {
    return await CertificateFiles.open(settings, { clock: systemClock, wallMs: Date.now, log });
  } catch (error) {
    log.error({ err: messageOf(error) }, 'the certificate cannot be used');
    return 'unusable';
  }
}

/** null: alone. */
function nodeIn({ cluster, noteRules }: RelaySettings, log: Logger): ClusterNode | null | 'wrong' {
  if (cluster === null) return null;
  try {
    return composeCluster(cluster, noteRules, { clock: systemClock, log });
  } catch (error) {
    process.stderr.write(`porchlight relay: ${messageOf(error)}\n`);
    process.exitCode = WRONG_USAGE;
    return 'wrong';
  }
}

/** A relay without its page still carries what devices send that have it. */
function pageIn(folder: string | null, log: Logger): Page | null {
  if (folder === null) return null;
  try {
    return readPage(folder, log);
  } catch (error) {
    log.error({ err: messageOf(error) }, 'the page cannot be served');
    return null;
  }
}

/** One that cannot keep notes still carries; its hosts hear that it keeps none. */
async function notesIn(
  options: NoteOptions | null,
  log: Logger,
  times: StoreTimes,
): Promise<NoteBook | null> {
  if (options === null) return null;
  const notes = openNotes(options, systemClock, log, times);
  try {
    return await withDeadline(notes, NOTES_LIMIT_MS, `Reading ${options.folder}`);
  } catch (error) {
    log.error({ err: messageOf(error) }, 'no notes are kept');
    // One that is ready after all knows of no host that has come since.
    notes.then(async (late) => await late.close()).catch(() => {});
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function versionIn(file: string): string {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof json === 'object' && json !== null && 'version' in json
      ? String(json.version)
      : 'unknown';
  } catch {
    return 'unknown';
  }
}
