import { readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { BUILT_IN_AGENTS, configSchema, type Config } from '../../protocol/config.ts';
import { ConfigError, describeIssues } from './config-error.ts';

const MAX_BYTES = 1024 * 1024;
/** Editors write in several steps; a file read between them is half a file. */
const SETTLE_MS = 150;

/**
 * config.json: read strictly at start, where a bad file is fatal, and again on each change, where
 * the last good one stays and {@link ConfigFile.problem} says what is wrong. No file means defaults.
 */
export class ConfigFile {
  /** The problem, or null when it is gone. */
  readonly problemChanged = new Emitter<string | null>();
  readonly changed = new Emitter<Config>();
  readonly #path: string;
  readonly #logger: Logger;
  #config: Config;
  #stamp: string;
  #problem: string | null = null;

  /** Throws a {@link ConfigError}. */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#stamp = stampOf(path);
    this.#config = readConfig(path);
  }

  /** The last good one. Looks whether the file has changed, so that it is right without a watcher. */
  current(): Config {
    this.refresh();
    return this.#config;
  }

  get problem(): string | null {
    return this.#problem;
  }

  refresh(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.#config = readConfig(this.#path);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#logger.warn({ problem: error.message }, 'config.json is bad; the last good one stays');
      return this.#setProblem(
        `${error.message}. Until that is mended the settings from before hold.`,
      );
    }
    this.#setProblem(null);
    this.changed.emit(this.#config);
  }

  /** Tells of changes at once; returns its own undo. The folder must exist. */
  watch(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const name = basename(this.#path);
    const watcher: FSWatcher = watch(dirname(this.#path), { persistent: false }, (_, file) => {
      if (file !== null && file !== name) return;
      clearTimeout(timer);
      timer = setTimeout(() => this.refresh(), SETTLE_MS);
    });
    watcher.on('error', (error) => {
      // current() still sees changes; only telling of them at once is lost.
      this.#logger.warn({ error: error.message }, 'config.json cannot be watched');
      watcher.close();
    });
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  }

  #setProblem(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.problemChanged.emit(problem);
  }
}

/** Changes whenever the file does: editors replace files, so time and size alone are not enough. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return codeOf(error);
  }
}

function readConfig(path: string): Config {
  const text = readConfigText(path);
  return text === null ? configSchema.parse({}) : configOf(path, text);
}

/** What the text of config.json says. Throws a {@link ConfigError}. */
export function configOf(path: string, text: string): Config {
  const parsed = configSchema.safeParse(parseJson(path, text));
  if (!parsed.success)
    throw new ConfigError(path, describeIssues(parsed.error.issues), parsed.error);
  checkCommands(path, parsed.data);
  return parsed.data;
}

/** null: there is no file. Throws a {@link ConfigError}. */
export function readConfigText(path: string): string | null {
  try {
    if (statSync(path).size > MAX_BYTES)
      throw new ConfigError(path, `it is larger than ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (codeOf(error) === 'ENOENT') return null;
    throw new ConfigError(path, `it cannot be read (${codeOf(error)})`, error);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(path, `it is not JSON: ${why}`, error);
  }
}

function checkCommands(path: string, config: Config): void {
  const builtIn: readonly string[] = BUILT_IN_AGENTS;
  for (const [id, agent] of Object.entries(config.agents)) {
    if (agent.command === undefined && !builtIn.includes(id))
      throw new ConfigError(
        path,
        `agents.${id} needs a command, because it is none of the agents we know (${builtIn.join(', ')})`,
      );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
