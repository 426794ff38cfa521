import { Emitter } from '../base/emitter.ts';
import { failedBuild } from '../local/host-build.ts';
import type { Home } from '../local/home.ts';
import type { HostProblem } from '../protocol/methods.ts';

/** What is wrong with the host itself now, one line for each cause. */
export class Problems {
  readonly changed = new Emitter<HostProblem[]>();
  readonly #byId = new Map<string, string>();

  set(id: string, message: string | null): void {
    if ((this.#byId.get(id) ?? null) === message) return;
    if (message === null) this.#byId.delete(id);
    else this.#byId.set(id, message);
    this.changed.emit(this.all());
  }

  all(): HostProblem[] {
    return [...this.#byId].map(([id, message]) => ({ id, message }));
  }
}

/** The keeper gave another build up and started this one in its place. */
export function failedBuildProblem(home: Home, version: string): string | null {
  const failed = failedBuild(home);
  return failed === null
    ? null
    : `Porchlight ${failed.version} did not start, so ${version} runs in its place. See ${home.logs}/keeper.log, then: porchlight host restart`;
}
