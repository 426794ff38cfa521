import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { InstallProgress } from '../../protocol/agent.ts';
import { AgentUnavailable } from './agent-unavailable.ts';
import type { Env } from './clean-env.ts';
import { folderBytes } from './folder-size.ts';
import { takeLock } from './folder-lock.ts';
import { adapterIn, installFolder } from './installed.ts';
import type { AdapterPackage } from './launchers/launcher.ts';
import { launcherOf } from './launchers/launchers.ts';
import type { OwnNode } from './node-program.ts';
import { findNpm, npmInstall } from './npm.ts';

const PROGRESS_EVERY_MS = 500;
/** npm keeps the tarball in its cache beside what it unpacks. */
const SPACE_FACTOR = 1.5;

export interface InstallNeeds {
  readonly agentsFolder: string;
  loginEnv(): Promise<Env>;
  readonly own: OwnNode;
  /** npm-cli.js of an npm that we ship, for people without one; null when there is none. */
  readonly shippedNpm: string | null;
  randomId(): string;
}

export interface InstallOptions {
  readonly needs: InstallNeeds;
  onProgress(progress: InstallProgress): void;
  readonly signal: AbortSignal;
}

/**
 * Puts an agent's adapter, at the version and integrity pinned in our catalogue, into the agents
 * folder: into a folder of its own first, renamed when it is whole, so that one killed half-way is
 * never used. Two at once wait for each other, across processes. Throws {@link AgentUnavailable}
 * for what a person can mend, and whatever the signal was aborted with.
 */
export async function installAgent(
  id: string,
  { needs, onProgress, signal }: InstallOptions,
): Promise<void> {
  const { profile, adapter } = launcherOf(id);
  if (adapter === null)
    throw new AgentUnavailable(
      `${profile.name} is not installed by Porchlight.`,
      'See "porchlight agents".',
    );
  const tell = (
    step: InstallProgress['step'],
    message: string,
    bytes: number | null = null,
  ): void => onProgress({ agent: id, step, message, bytes, totalBytes: adapter.bytes });
  tell('resolving', `${adapter.name} ${adapter.version}`);
  try {
    const release = await takeLock(join(needs.agentsFolder, `${id}.lock`), signal);
    try {
      await installLocked(id, adapter, { needs, onProgress, signal }, tell);
    } finally {
      release();
    }
    tell('done', `${profile.name} is installed.`, adapter.bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell('failed', why);
    throw error;
  }
}

/** Takes an adapter away; a running one goes on, since its files stay open. Absent is fine. */
export async function removeAgent(
  id: string,
  needs: InstallNeeds,
  signal: AbortSignal,
): Promise<void> {
  const release = await takeLock(join(needs.agentsFolder, `${id}.lock`), signal);
  try {
    const folder = installFolder(needs.agentsFolder, id);
    const aside = `${folder}.old-${needs.randomId()}`;
    if (renameIfThere(folder, aside)) await rm(aside, { recursive: true, force: true });
    await removeLeftovers(id, needs.agentsFolder);
  } finally {
    release();
  }
}

type Tell = (step: InstallProgress['step'], message: string, bytes?: number | null) => void;

async function installLocked(
  id: string,
  adapter: AdapterPackage,
  { needs, signal }: InstallOptions,
  tell: Tell,
): Promise<void> {
  const folder = installFolder(needs.agentsFolder, id);
  if (adapterIn(folder, adapter)?.version === adapter.version) return;
  // Nobody else is at it: these are of an installer that was killed.
  await removeLeftovers(id, needs.agentsFolder);
  checkSpace(needs.agentsFolder, adapter);
  const env = await needs.loginEnv();
  const npm = findNpm(env, needs.own, needs.shippedNpm);
  const fresh = `${folder}.tmp-${needs.randomId()}`;
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    const stopWatching = watchSize(fresh, (bytes) => tell('downloading', adapter.name, bytes));
    try {
      await npmInstall(npm, {
        spec: `${adapter.name}@${adapter.version}`,
        prefix: fresh,
        env,
        own: needs.own,
        signal,
      });
    } finally {
      await stopWatching();
    }
    tell('checking', adapter.name, adapter.bytes);
    check(fresh, adapter);
    const aside = `${folder}.old-${needs.randomId()}`;
    const wasThere = renameIfThere(folder, aside);
    renameSync(fresh, folder);
    if (wasThere) await rm(aside, { recursive: true, force: true });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** npm has checked the tarball against the registry's word; this checks that word against ours. */
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

export function check(folder: string, adapter: AdapterPackage): void {
  const lock = lockSchema.parse(
    JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')),
  );
  const found = lock.packages[`node_modules/${adapter.name}`];
  if (found?.integrity !== adapter.integrity || found.version !== adapter.version)
    throw new AgentUnavailable(
      `The registry gave another ${adapter.name} ${adapter.version} than the one we know (${found?.integrity ?? 'none'}); it was thrown away.`,
      'See which registry "npm config get registry" names, and try again.',
    );
  if (adapterIn(folder, adapter) === null)
    throw new AgentUnavailable(
      `${adapter.name} ${adapter.version} has no program for ${process.platform} on ${process.arch}.`,
      'Install the agent yourself, so that it is on PATH.',
    );
}

function checkSpace(folder: string, adapter: AdapterPackage): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const wanted = adapter.bytes * SPACE_FACTOR;
  if (free >= wanted) return;
  const [freeMb, wantedMb] = [free, wanted].map((bytes) => Math.round(bytes / 1_000_000));
  throw new AgentUnavailable(
    `${adapter.name} wants ${wantedMb} MB of disk while it is installed, and ${folder} has ${freeMb} MB left.`,
    'Free some space, or name another folder by PORCHLIGHT_AGENTS.',
  );
}

function watchSize(folder: string, tell: (bytes: number) => void): () => Promise<void> {
  let looking: Promise<void> | null = null;
  let last = -1;
  const timer = setInterval(() => {
    looking ??= folderBytes(folder).then((bytes) => {
      looking = null;
      if (bytes === last) return;
      last = bytes;
      tell(bytes);
    });
  }, PROGRESS_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

async function removeLeftovers(id: string, agentsFolder: string): Promise<void> {
  for (const name of readdirSync(agentsFolder))
    if (name.startsWith(`${id}.tmp-`) || name.startsWith(`${id}.old-`))
      await rm(join(agentsFolder, name), { recursive: true, force: true });
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
