import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MemoryKeeper, type MemoryPipes } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../fakes/scripted-agent.ts';
import { eventually, HostCore } from '../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let pipes: MemoryPipes;
let core: HostCore;
let prompt: Heard | null;

const receipts = (id: SessionId) =>
  core.types(id).flatMap((type) => (type.startsWith('approval.') ? [type.slice(9)] : []));

async function nextHost(): Promise<void> {
  const { folder } = core;
  core.leave();
  core = await new HostCore({ pipes: keeper.connect(), folder }).restore();
}

beforeEach(() => {
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (process, request) => {
    prompt = request;
    process.ask(String(request.params?.sessionId), 'make');
    return SILENCE;
  };
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  pipes = keeper.connect();
  core = new HostCore({ pipes });
});
afterEach(() => core.close());

/** Nobody hears of it: the host is killed before, and where `arrives` is false it is lost with it. */
function unheard(arrives: boolean): void {
  const write = pipes.write.bind(pipes);
  pipes.write = async (instance, n, line) => {
    if (arrives) await write(instance, n, line);
    return await new Promise(() => {});
  };
}

test('an allow that an agent had before it went with its keeper is not told to have been called back', async () => {
  const id = await core.start('work');
  const approval = await core.approval(id);
  unheard(true);
  void core.allow(approval);
  await eventually(() => (scripted.count('yes') === 1 ? true : null));
  keeper.die();
  await nextHost();
  expect(receipts(id)).toEqual(['opened', 'decided', 'finished']);
  expect(core.events(id).at(-3)).toMatchObject({ type: 'approval.finished', failed: true });
});

test('an allow that was lost on its way is not sent again once its turn is over', async () => {
  const id = await core.start('work');
  const approval = await core.approval(id);
  unheard(false);
  void core.allow(approval);
  const [process] = scripted.processes;
  process?.answer(prompt ?? {}, { stopReason: 'end_turn' });
  await core.turnEnded(id);
  await nextHost();
  await eventually(() => (scripted.told().includes('cancelled') ? true : null));
  expect(scripted.count('yes')).toBe(0);
});
