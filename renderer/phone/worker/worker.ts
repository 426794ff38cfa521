import { servePush } from './push/serve-push.ts';
import type { PushScope } from './push/worker-world.ts';
import { Shell } from './shell.ts';
import { serveWorker, type WorkerScope } from './worker-events.ts';

/** Put in front of this script by the build: every file of this version, with its SHA-256. */
declare const PRECACHED: Readonly<Record<string, string>>;
/** And the name of the script that it loads where it decides. */
declare const LATER: string;

// A worker's global scope is not in the page's types.
const scope = globalThis as unknown as WorkerScope & PushScope & { readonly caches: CacheStorage };
serveWorker(scope, new Shell(PRECACHED, scope), LATER);
servePush(scope, LATER);
