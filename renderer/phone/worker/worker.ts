import { Shell } from './shell.ts';
import { serveWorker, type WorkerScope } from './worker-events.ts';

/** Put in front of this script by the build: every file of this version, with its SHA-256. */
declare const PRECACHED: Readonly<Record<string, string>>;

// A worker's global scope is not in the page's types.
const scope = globalThis as unknown as WorkerScope;
serveWorker(scope, new Shell(PRECACHED, scope));
