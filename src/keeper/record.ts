import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asKey, type ProcessKey } from '../local/process-lock.ts';

/** What a keeper's processes were, for the next keeper in case this one is killed. */
export interface Running {
  /** Start times are compared only within one boot. */
  readonly boot: string;
  readonly host: ProcessKey | null;
  readonly instances: Readonly<Record<string, readonly ProcessKey[]>>;
}

const SPOOL_NAME = /^spool-\d+$/;
const DAMAGED_NAME = /^damaged-/;
const MAX_DAMAGED = 4;

/** `running.json` in the keeper's folder; replaced as a whole, so never half of one. */
export class RunningRecord {
  readonly #folder: string;
  #written = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes only what changed. No fsync: after a power cut there is nothing left to find. */
  write(running: Running): void {
    const text = JSON.stringify(running);
    if (text === this.#written) return;
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.#path);
    this.#written = text;
  }

  /** An earlier keeper left one, readable or not. */
  get isThere(): boolean {
    return existsSync(this.#path);
  }

  /** Null when there is none, or none that can be read. */
  read(): Running | null {
    try {
      return asRunning(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return null;
    }
  }

  /** Spool files of a keeper that was killed: its agents' pipes are gone, so nobody can go on there. */
  removeSpools(): void {
    for (const name of readdirSync(this.#folder))
      if (SPOOL_NAME.test(name)) rmSync(join(this.#folder, name), { force: true });
  }

  /** Keeps what a spool file has lost for whoever looks into it: the newest few, 1 MiB each. */
  keepAside(bytes: Buffer, at: Date): string {
    const name = `damaged-${at.toISOString().replaceAll(/[:.]/gu, '-')}`;
    writeFileSync(join(this.#folder, name), bytes, { mode: 0o600 });
    const kept = readdirSync(this.#folder).filter((each) => DAMAGED_NAME.test(each));
    for (const old of kept.toSorted().slice(0, -MAX_DAMAGED))
      rmSync(join(this.#folder, old), { force: true });
    return join(this.#folder, name);
  }

  spoolPath(number: number): string {
    return join(this.#folder, `spool-${number}`);
  }

  get #path(): string {
    return join(this.#folder, 'running.json');
  }
}

function asRunning(value: unknown): Running | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!('boot' in value && typeof value.boot === 'string')) return null;
  if (!('instances' in value && typeof value.instances === 'object' && value.instances !== null))
    return null;
  const instances = Object.entries(value.instances).map(([instance, keys]: [string, unknown]) => [
    instance,
    Array.isArray(keys) ? keys.flatMap((key: unknown) => asKey(key) ?? []) : [],
  ]);
  const host = 'host' in value ? asKey(value.host) : null;
  return { boot: value.boot, host, instances: Object.fromEntries(instances) };
}
