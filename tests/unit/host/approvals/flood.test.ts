import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import { HostCore } from '../support/host-core.ts';

const MiB = 1024 * 1024;
let scripted: ScriptedAgent;
let core: HostCore;
/** What each prompt makes the agent ask for, by how often and how large. */
let asks: { readonly times: number; readonly bytes: number }[];

beforeEach(() => {
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (process, { params }) => {
    const { times, bytes } = asks.shift() ?? { times: 1, bytes: 4 };
    for (let n = 0; n < times; n += 1) process.ask(String(params?.sessionId), 'x'.repeat(bytes));
    return SILENCE;
  };
  core = new HostCore({ pipes: new MemoryKeeper({ scripted: scripted.agent }).connect() });
});
afterEach(() => core.close());

const notices = (id: Awaited<ReturnType<HostCore['start']>>) =>
  core.events(id).flatMap((event) => (event.type === 'notice' ? [event.text] : []));

test('of a thousand requests a hundred are open, the rest are refused, said once, and others are decided', async () => {
  asks = [{ times: 1_000, bytes: 4 }];
  const flooded = await core.start('flood');
  const other = await core.start('work');
  await core.until(flooded, () => scripted.count('cancelled') === 900);
  expect([core.state(flooded).approvals.length, notices(flooded)]).toEqual([
    100,
    [
      'The agent asked for more than 100 approvals at once. What is over that is refused.',
      'The agent asks for more than 50 approvals a second. What is over that is refused.',
    ],
  ]);
  // It shares its agent with the one that floods, and asks once that has calmed down.
  expect(core.state(other).state).not.toBe('failed');
  const [first] = core.state(flooded).approvals;
  expect(first && (await core.allow(first))).toBe('decided');
});

test('calls of 3 MiB are open up to 16 MiB, and one of 28 MiB is refused in words', async () => {
  asks = [
    { times: 8, bytes: 3 * MiB },
    { times: 1, bytes: 28 * MiB },
  ];
  const many = await core.start('large');
  await core.until(many, () => notices(many).length === 1);
  expect(core.state(many).approvals).toHaveLength(5);
  const huge = await core.start('huge');
  await core.until(huge, () => notices(huge).length === 1);
  expect([core.state(huge).approvals, notices(huge)]).toEqual([
    [],
    [expect.stringMatching(/a call of 28\.\d MiB; over 4\.0 MiB it cannot be shown/)],
  ]);
});
