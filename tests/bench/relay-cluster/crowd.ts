import { built } from '../relay/built.ts';
import { BenchProcess } from '../relay/processes.ts';
import type { Place } from './bench-host.ts';
import type { Stops } from './cluster.ts';

/** In the file on the command line of `crowd-end.ts`. */
export interface CrowdOrder {
  /** Where devices dial; `null` for hosts: there are none. A bare server is spoken to of nothing. */
  readonly devices: Place;
  readonly hosts: Place | null;
  readonly isBare: boolean;
  /** Devices of each host. */
  readonly perHost: number;
  /** A number of its own for each crowd, so that no two come from one address. */
  readonly nth: number;
}

export type CrowdTold =
  /** Open lines, until there are so many. */
  | { readonly open: number }
  /** From here on who loses its line dials there, as a device does, until all are back. */
  | { readonly goTo: Place; readonly limitMs: number };

export interface CrowdSays {
  readonly ready?: true;
  readonly opened?: number;
  readonly returned?: Returned;
}

export interface Returned {
  /** When each was admitted, `Date.now()`. */
  readonly atMs: readonly number[];
  /** Attempts that came to nothing. */
  readonly failed: number;
  readonly refused: number;
}

/** Many devices, and their hosts, in a process of their own. */
export class Crowd {
  readonly process: BenchProcess;

  private constructor(process: BenchProcess) {
    this.process = process;
  }

  static async start(stops: Stops, order: CrowdOrder): Promise<Crowd> {
    const { file, remove } = await built('../relay-cluster/crowd-end.ts');
    stops.add(remove);
    const crowd = new Crowd(stops.keep(new BenchProcess(file, [JSON.stringify(order)])));
    await crowd.process.heard();
    return crowd;
  }

  async open(count: number, limitMs: number): Promise<void> {
    const told: CrowdTold = { open: count };
    const { opened } = await this.process.ask<CrowdSays>(told, limitMs);
    if (opened !== count) throw new Error(`${opened} of ${count} lines came to be`);
  }

  /** From here on they come back; `back` resolves when all are, or the limit has passed. */
  async comeBack(goTo: Place, limitMs: number): Promise<{ readonly back: Promise<Returned> }> {
    const { socketUrl, authority } = goTo;
    const told: CrowdTold = { goTo: { socketUrl, authority }, limitMs };
    await this.process.ask<CrowdSays>(told);
    const said = this.process.heard<CrowdSays>(limitMs + 10_000);
    return { back: said.then(({ returned }) => returned ?? NONE) };
  }
}

const NONE: Returned = { atMs: [], failed: 0, refused: 0 };
