import type { Logger } from '../../base/log.ts';
import { withoutNpmPath, withoutOurs, type Env } from './clean-env.ts';

/**
 * Asks the person's login shell what a new terminal would have. Throws when it does not tell.
 * Variants: `login-shell.posix.ts`; Windows has no such thing, its registry is our environment.
 */
export type ShellProbe = (hostEnv: NodeJS.ProcessEnv) => Promise<Env>;

/** After this long the next launch refreshes it in the background. */
const FRESH_MS = 10 * 60_000;

export interface LoginShellNeeds {
  readonly hostEnv: NodeJS.ProcessEnv;
  /** null where there is no login shell to ask. */
  readonly probe: ShellProbe | null;
  readonly pathSeparator: string;
  readonly logger: Logger;
  nowMs(): number;
}

/**
 * The environment agents start from: the login shell's, without anything of ours. Asked once in
 * the background, long before the first launch needs it; then kept, and refreshed when old.
 */
export class LoginShell {
  readonly #needs: LoginShellNeeds;
  #env: Env | null = null;
  #askedAtMs = 0;
  #asking: Promise<Env> | null = null;

  constructor(needs: LoginShellNeeds) {
    this.#needs = needs;
  }

  /** Begins to ask, off the start path. */
  start(): void {
    void this.#ask();
  }

  /** Never fails: without an answer it is the host's own environment, and the log says so. */
  async env(): Promise<Env> {
    if (this.#env === null) return await this.#ask();
    if (this.#needs.nowMs() - this.#askedAtMs > FRESH_MS) void this.#ask();
    return this.#env;
  }

  #ask(): Promise<Env> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askNow(): Promise<Env> {
    const { hostEnv, probe, logger, nowMs, pathSeparator } = this.#needs;
    const startedAtMs = nowMs();
    const own = withoutNpmPath(withoutOurs(hostEnv), pathSeparator);
    try {
      this.#env = probe === null ? own : withoutOurs(await probe(hostEnv));
      logger.info({ ms: nowMs() - startedAtMs }, 'login shell environment read');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      logger.warn(
        { why },
        "the login shell did not tell its environment; agents get the one from before, or the host's",
      );
      this.#env ??= own;
    }
    this.#askedAtMs = nowMs();
    return this.#env;
  }
}
