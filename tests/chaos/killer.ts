import { RpcFailure } from '../../src/protocol/errors.ts';
import type { CrashHome } from '../integration/crash-matrix/crash-home.ts';
import { newCommandId } from '../integration/support/host-under-test.ts';
import {
  killHard,
  runningProcesses,
  type RunningProcess,
} from '../integration/support/processes.ts';
import type { ChaosSurface } from './chaos-surface.ts';
import type { Place } from './place.ts';
import type { Action } from './plan.ts';

const SERVICE_LOOK_MS = 400;

export interface KillerNeeds {
  readonly home: CrashHome;
  readonly surfaces: readonly ChaosSurface[];
  readonly places: readonly Place[];
  note(text: string): void;
}

/** What runs of one home, by what it is. */
export interface Standing {
  readonly keepers: readonly RunningProcess[];
  readonly hosts: readonly RunningProcess[];
  readonly adapters: readonly RunningProcess[];
  readonly binaries: readonly RunningProcess[];
  readonly shells: readonly RunningProcess[];
}

export function standing(home: CrashHome, instances: ReadonlySet<string>): Standing {
  const all = runningProcesses();
  const ofHome = all.filter((each) => each.home === home.home.root && each.instance === null);
  const ofAgents = all.filter(({ instance }) => instance !== null && instances.has(instance));
  const byPid = new Map(ofAgents.map((each) => [each.pid, each]));
  const isShell = ({ command }: RunningProcess) => /^(\/bin\/)?(ba)?sh /.test(command);
  const adapters = ofAgents.filter((each) => !byPid.has(each.parent) && !isLeftover(each));
  const own = new Set(adapters.map(({ pid }) => pid));
  return {
    keepers: ofHome.filter(({ command }) => command.includes('/keeper/main.js')),
    hosts: ofHome.filter(({ command }) => command.includes('/host/main.js')),
    adapters,
    binaries: ofAgents.filter((each) => own.has(each.parent) && !isShell(each)),
    shells: ofAgents.filter(isShell),
  };
}

/** Cut loose from what had started it. */
const isLeftover = ({ command }: RunningProcess): boolean => /^(\/bin\/)?(sh|sleep) /.test(command);

/** Does to a home what the plan says, and starts the keeper again as the service would. */
export class Killer {
  readonly #needs: KillerNeeds;
  readonly counts = new Map<string, number>();
  readonly #paused = new Set<number>();

  constructor(needs: KillerNeeds) {
    this.#needs = needs;
  }

  /** Resolves when all of the plan is done. */
  async run(plan: readonly Action[]): Promise<void> {
    let before = { atMs: 0, doneAt: performance.now() };
    for (const action of plan) {
      // On a machine that lags, the plan takes longer; it does not come in one burst.
      const early = before.doneAt + action.atMs - before.atMs - performance.now();
      if (early > 0) await pause(early);
      before = {
        atMs: action.atMs,
        doneAt: performance.now() - Math.max(0, Math.min(-early, 100)),
      };
      const what = this.#do(action);
      this.counts.set(action.do, (this.counts.get(action.do) ?? 0) + 1);
      this.#needs.note(`${action.do}: ${what}`);
    }
    for (const pid of this.#paused) killHard(pid, 'SIGCONT');
  }

  /** As systemd does: where there is no keeper, it starts one. Resolves when told to end. */
  async serve(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await pause(SERVICE_LOOK_MS);
      if (!isOver() && this.#standing().keepers.length === 0) {
        this.#needs.note('the service starts a keeper');
        this.#needs.home.startKeeper();
      }
    }
  }

  #standing(): Standing {
    const seen = this.#needs.surfaces.flatMap(({ recording }) => recording.all());
    const instances = seen.flatMap((event) =>
      event.type === 'agent.starting' ? [event.instance] : [],
    );
    return standing(this.#needs.home, new Set(instances));
  }

  #do(action: Action): string {
    const { hosts, keepers, adapters, binaries, shells } = this.#standing();
    switch (action.do) {
      case 'killHost':
        return killAll(hosts);
      case 'killKeeper':
        return killAll(keepers);
      case 'killAll':
        return killAll([...hosts, ...keepers, ...adapters, ...binaries, ...shells]);
      case 'killAdapter':
        return killAll(one(adapters, action.which));
      case 'killBinary':
        return killAll(one(binaries, action.which));
      case 'killShell':
        return killAll(one(shells, action.which));
      case 'cut':
        one(this.#needs.surfaces, action.which)[0]?.cut();
        return String(action.which % this.#needs.surfaces.length);
      case 'pause': {
        const from = { host: hosts, keeper: keepers, adapter: adapters }[action.what];
        for (const { pid } of one(from, action.which)) this.#pause(pid, action.forMs);
        return `${action.what} for ${action.forMs} ms`;
      }
      case 'restartHost':
        // Once: asked again after a lost answer, the next host would go too.
        this.#ask(
          async ({ recording }) => await recording.client.call('host.stop', { all: false }),
        );
        return '';
      case 'land':
      case 'discard':
      case 'archive':
      case 'stop':
      case 'cancel':
        return this.#command(action.do, action.which);
    }
  }

  #pause(pid: number, forMs: number): void {
    if (!killHard(pid, 'SIGSTOP')) return;
    this.#paused.add(pid);
    setTimeout(() => {
      this.#paused.delete(pid);
      killHard(pid, 'SIGCONT');
    }, forMs);
  }

  #command(name: 'land' | 'discard' | 'archive' | 'stop' | 'cancel', which: number): string {
    const [place] = one(this.#needs.places, which);
    const sessionId = place?.sessionId;
    if (place === undefined || sessionId == null) return 'nobody';
    const params = { sessionId, commandId: newCommandId() };
    this.#ask(async (surface) => await surface.call(`session.${name}`, params));
    return place.name;
  }

  #ask(act: (surface: ChaosSurface) => Promise<unknown>): void {
    const [surface] = this.#needs.surfaces.slice(-1);
    if (surface === undefined) return;
    act(surface).catch((error: unknown) => {
      const why = error instanceof RpcFailure ? 'refused' : 'failed';
      this.#needs.note(`${why}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

function one<T>(from: readonly T[], which: number): T[] {
  const found = from[which % Math.max(1, from.length)];
  return found === undefined ? [] : [found];
}

function killAll(processes: readonly RunningProcess[]): string {
  for (const { pid } of processes) killHard(pid);
  return processes.length === 0 ? 'nobody' : processes.map(({ pid }) => pid).join(' ');
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
