import type { Logger } from '../base/log.ts';
import type { MethodName, Params, Result } from '../protocol/methods.ts';

/** Electron's `powerMonitor`, as far as sleep goes. */
export interface SleepMonitor {
  on(event: 'suspend' | 'resume', listener: () => void): unknown;
  removeListener(event: 'suspend' | 'resume', listener: () => void): unknown;
}

export interface MachineSleepNeeds {
  /** Touched only where it is needed: it opens connections of its own to the system. */
  monitor(): SleepMonitor;
  call<M extends MethodName>(method: M, params: Params<M>, limitMs?: number): Promise<Result<M>>;
  readonly log: Logger;
}

/** Not longer than a system waits for its programs. */
const TELL_LIMIT_MS = 5_000;

/**
 * Tells the host when the machine falls asleep and wakes, on systems that say so to programs with a
 * window only. On Linux the holder hears logind itself. Each is said twice, which the host takes for
 * once. Returns the end.
 */
export function tellOfSleep(platform: NodeJS.Platform, needs: MachineSleepNeeds): () => void {
  return platform === 'linux' ? () => {} : tellHost(needs);
}

function tellHost({ monitor, call, log }: MachineSleepNeeds): () => void {
  const source = monitor();
  const tell = (event: 'suspend' | 'resume') => (): void => {
    call('power.machine', { event }, TELL_LIMIT_MS).catch((error: unknown) =>
      // It sees by its clocks that the machine slept.
      log.info({ event, error: String(error) }, 'the host was not told'),
    );
  };
  const [suspend, resume] = [tell('suspend'), tell('resume')];
  source.on('suspend', suspend);
  source.on('resume', resume);
  return () => {
    source.removeListener('suspend', suspend);
    source.removeListener('resume', resume);
  };
}
