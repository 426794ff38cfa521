import { v7 } from 'uuid';
import type { DecidingSurface } from '../../../src/host/approvals/proofs.ts';
import type { Approval, DecisionOutcome } from '../../../src/protocol/approval/approval.ts';
import { commandIdSchema, sessionIdSchema, type SessionId } from '../../../src/protocol/ids.ts';
import type { ParsedParams } from '../../../src/protocol/methods.ts';
import { MemoryKeeper } from '../../fakes/memory-keeper.ts';
import { MemoryDisk, memoryStore } from '../../fakes/memory-store.ts';
import { Fate, MortalPipes, mortalStore } from '../../fakes/mortal-host.ts';
import { tally, wrongs, type Told } from './check.ts';
import { GatedPipes } from './gated-pipes.ts';
import { modelAgent, type AskedCall, type Deeds, type ModelProcess } from './model-agent.ts';
import { ModelHost, PATIENCE_MS, ruleOf } from './model-host.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What happens next, and to what; each number in 0…255. */
export type Step = readonly [act: number, which: number, how: number];

export interface Played {
  /** In words; nothing when every rule held. */
  readonly wrong: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

type Decide = ParsedParams<'approval.decide'>;

const SESSIONS = ['s_aaaaaaaaaaaa', 's_bbbbbbbbbbbb'].map((id) => sessionIdSchema.parse(id));
const EXPIRY = ['deny', 'park', 'stay'] as const;
const newCommandId = () => commandIdSchema.parse(v7());
/** A turn that was cancelled has so long to end; then its agent is ended. */
const END_MS = 20_000;

/** How often each kind of step comes, by its place here. */
const WEIGHTS = {
  decide: 10,
  race: 4,
  again: 2,
  cancel: 3,
  send: 4,
  stop: 1,
  endTool: 5,
  endTurn: 4,
};
const ROUGH = { withdraw: 3, crashAgent: 2, crashHost: 4, dieSoon: 5, crashKeeper: 1, pass: 3 };
const GATES = {
  refuseWrites: 3,
  holdWrites: 3,
  holdNotices: 3,
  letWrite: 5,
  letNotice: 5,
  openGates: 2,
};
type Act = keyof typeof WEIGHTS | keyof typeof ROUGH | keyof typeof GATES;
const ACTS = Object.entries({ ...WEIGHTS, ...ROUGH, ...GATES }).flatMap(([act, weight]) =>
  Array.from({ length: weight }, () => act as Act),
);

/**
 * Plays one interleaving on a world of its own: a host that may die, a keeper, agents, and surfaces
 * that decide.
 */
export async function play(
  plan: readonly Step[],
  variant: number,
  time: VirtualTime,
): Promise<Played> {
  time.begin();
  try {
    const world = new World(variant, time);
    await world.begin();
    for (const [act, which, how] of plan) await world.step(act, which, how);
    await world.end();
    return world.played();
  } finally {
    time.end();
  }
}

class World {
  readonly #deeds: Deeds = { calls: [], ran: [], ranAfterCancel: [] };
  readonly #processes: ModelProcess[] = [];
  readonly #variant: number;
  readonly #time: VirtualTime;
  readonly #told: Told[] = [];
  readonly #sent: Decide[] = [];
  readonly #seen = new Map<string, Approval>();
  #keeper: MemoryKeeper;
  readonly #handed = new Set<string>();
  /** Calls whose turn was cancelled before an answer to them had left. */
  readonly #cancelled = new Set<string>();
  readonly #wrong: string[] = [];
  #hadKeeperCrash = false;
  #disk = new MemoryDisk();
  /** What the disk held as the host died. */
  #left: MemoryDisk | null = null;
  #host!: ModelHost;
  #pipes!: GatedPipes;
  #fate!: Fate;

  constructor(variant: number, time: VirtualTime) {
    this.#variant = variant;
    this.#time = time;
    this.#keeper = this.#newKeeper();
  }

  async begin(): Promise<void> {
    await this.#boot(Infinity);
    for (const id of SESSIONS) this.#host.start(id, newCommandId());
    await this.#settle();
    for (const id of SESSIONS) this.#host.send(id, newCommandId());
    await this.#settle();
  }

  async step(act: number, which: number, how: number): Promise<void> {
    await this.#do(ACTS[act % ACTS.length] ?? 'decide', which, how);
    await this.#settle();
    if (this.#fate.isDead) await this.#boot(Infinity, how);
  }

  /** Everything comes to its end, however long that takes. */
  async end(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      this.#pipes.open();
      await this.#settle();
      for (const process of this.#processes) if (!process.isGone) process.endTurns();
      await this.#settle();
      for (const id of SESSIONS) this.#cancel(id);
      await this.#settle();
      for (const process of this.#processes) if (!process.isGone) process.endTurns();
      await this.#time.pass(END_MS, async () => await this.#settle());
    }
    for (const id of SESSIONS) this.#host.stop(id);
    await this.#settle();
  }

  played(): Played {
    const events = SESSIONS.flatMap((id) => [...(this.#disk.sessions.get(id)?.events ?? [])]);
    const all = [events, this.#deeds, this.#told] as const;
    const rules = { ruleOf, knowsDelivery: !this.#hadKeeperCrash };
    const wrong = [...this.#wrong, ...wrongs(...all, rules)];
    for (const marker of this.#deeds.ran)
      if (this.#cancelled.has(marker)) wrong.push(`${marker} was cancelled first, and run`);
    return { wrong, counts: tally(...all) };
  }

  async #do(act: Act, which: number, how: number): Promise<void> {
    const session = SESSIONS[which % SESSIONS.length] ?? SESSIONS[0];
    if (session === undefined) return;
    switch (act) {
      case 'decide':
        return this.#decide(which, how);
      case 'race':
        this.#decide(which, 2 * how);
        return this.#decide(which, 2 * how + 1);
      case 'again': {
        const again = this.#sent[this.#sent.length - 1 - (which % 4)];
        return again && this.#send(again, local);
      }
      case 'cancel':
        return this.#cancel(session);
      case 'stop':
        return this.#host.stop(session);
      case 'send':
        return this.#host.send(session, newCommandId());
      case 'endTool':
        return this.#call(which, 'running', (call) =>
          call.process.endTool(call, how % 3 === 0 ? 'failed' : 'completed'),
        );
      case 'endTurn':
        return this.#alive(which)?.endTurns();
      case 'withdraw':
        return this.#call(which, 'asked', (call) => call.process.withdraw(call));
      case 'crashAgent':
        return this.#alive(which)?.crash();
      case 'crashHost':
        return await this.#crash(how);
      case 'dieSoon':
        // In the midst of what comes next, after so many of its own steps.
        this.#die();
        await this.#boot(1 + (how % 12), how);
        if (!this.#fate.isDead) this.#decide(which, how);
        return;
      case 'crashKeeper':
        this.#hadKeeperCrash = true;
        for (const process of this.#processes) process.isGone = true;
        this.#keeper.die();
        this.#keeper = this.#newKeeper();
        return await this.#crash(0);
      case 'pass':
        return await this.#time.pass(
          [500, 6_000, END_MS, PATIENCE_MS][how % 4] ?? 0,
          async () => await this.#settle(),
        );
      case 'holdWrites':
        this.#pipes.holdsWrites = true;
        return;
      case 'holdNotices':
        this.#pipes.holdsNotices = true;
        return;
      case 'refuseWrites':
        this.#pipes.refusesWrites = true;
        return;
      case 'letWrite':
        return this.#pipes.letWrite();
      case 'letNotice':
        return this.#pipes.letNotice();
      case 'openGates':
        return this.#pipes.open();
    }
  }

  #cancel(session: SessionId): void {
    const { agentSession } = this.#host.log.state(session) ?? {};
    const answered = new Set(
      [...this.#handed].map((line) => (JSON.parse(line) as { id?: unknown }).id),
    );
    const waiting = this.#deeds.calls.filter(
      (call) =>
        call.agentSession === agentSession && call.state === 'asked' && !answered.has(call.rpcId),
    );
    if (!this.#host.cancel(session)) return;
    for (const { marker } of waiting) this.#cancelled.add(marker);
  }

  /** An agent may run what it hears after its turn: then it must not hear it. */
  #handedOver(line: string): void {
    if (!line.includes('"yes"')) return;
    const call = this.#deeds.calls[(JSON.parse(line) as { id: number }).id];
    const states = [...this.#host.log.states().values()];
    const state = states.find(({ agentSession }) => agentSession === call?.agentSession);
    if (state !== undefined && state.turn?.endedAt !== null && !this.#fate.isDead)
      this.#wrong.push(`${call?.marker} was allowed to its agent after its turn`);
  }

  #decide(which: number, how: number): void {
    for (const each of this.#host.desk.open()) this.#seen.set(each.id, each);
    // Of all that were ever shown: who decides late is among the surfaces too.
    const known = [...this.#seen.values()];
    const approval = known[known.length - 1 - (which % Math.min(known.length, 6))];
    if (approval === undefined) return;
    const { id, hash } = approval;
    const isForeign = how % 11 === 0;
    const params: Decide = {
      commandId: newCommandId(),
      approvalId: id,
      hash: isForeign ? '0'.repeat(64) : hash,
      choice: { allow: how % 4 !== 0 },
      ...(how % 16 === 4 && { reason: 'no' }),
    };
    if (how % 13 === 0) return this.#send(params, viewer);
    this.#sent.push(params);
    this.#send(params, local);
  }

  #send(params: Decide, by: DecidingSurface): void {
    const { approvalId, commandId, hash } = params;
    const about = { approvalId, commandId, isForeign: hash === '0'.repeat(64), by: by.role };
    const fate = this.#fate;
    const noted = (outcome: DecisionOutcome): void => {
      // What a dead host answers, nobody hears.
      if (!fate.isDead) this.#told.push({ ...about, outcome });
    };
    this.#host.desk.decide(params, by).then(
      ({ outcome }) => noted(outcome),
      (error: unknown) => {
        if (!fate.isDead) this.#told.push({ ...about, outcome: `error: ${String(error)}` });
      },
    );
  }

  #call(which: number, state: AskedCall['state'], act: (call: AskedCall) => void): void {
    const calls = this.#deeds.calls.filter((each) => each.state === state && !each.process.isGone);
    const call = calls[which % Math.max(1, calls.length)];
    if (call !== undefined) act(call);
  }

  #alive(which: number): ModelProcess | undefined {
    const running = this.#keeper.statuses().filter(({ state }) => state === 'running');
    const alive = this.#processes.filter((process) =>
      running.some(({ instance }) => instance === process.instance),
    );
    return alive[which % Math.max(1, alive.length)];
  }

  async #crash(arriving: number): Promise<void> {
    this.#die();
    await this.#boot(Infinity, arriving);
  }

  #die(): void {
    if (this.#left !== null) return;
    this.#left = this.#disk.copy();
    this.#fate.isDead = true;
  }

  async #boot(diesAfter: number, arriving = 0): Promise<void> {
    if (this.#left !== null) {
      this.#pipes.cut(arriving % 4);
      this.#host.close();
      this.#time.forget();
      this.#disk = this.#left;
      this.#left = null;
    }
    const disk = this.#disk;
    this.#fate = new Fate(diesAfter, () => void (this.#left = disk.copy()));
    this.#pipes = new GatedPipes(this.#keeper.connect(), this.#handed);
    this.#pipes.onHanded = (line) => this.#handedOver(line);
    // What was spooled meanwhile comes later: until then nothing is sent.
    this.#pipes.holdsNotices = arriving % 8 > 4;
    this.#host = new ModelHost({
      store: mortalStore(memoryStore(disk), this.#fate),
      pipes: new MortalPipes(this.#pipes, this.#fate),
      onExpiry: EXPIRY[this.#variant % EXPIRY.length] ?? 'deny',
      nowMs: () => this.#time.nowMs,
    });
    const restored = this.#host.restore();
    // A host that dies over it never comes to its end.
    if (diesAfter === Infinity) await restored;
    else restored.catch(() => {});
    await this.#settle();
    if (this.#fate.isDead && diesAfter !== Infinity) await this.#boot(Infinity, arriving);
  }

  #newKeeper(): MemoryKeeper {
    const asks = 1 + (this.#variant % 3);
    return new MemoryKeeper({ model: modelAgent(this.#deeds, this.#processes, asks) });
  }

  async #settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

const local: DecidingSurface = { surface: 'model', role: 'operator', device: null };
const viewer: DecidingSurface = { surface: 'viewer', role: 'viewer', device: null };
