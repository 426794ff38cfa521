import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionMethods } from '../../../../src/host/api/session-methods.ts';
import type { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../../../src/protocol/limits.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import { HostCore } from '../support/host-core.ts';

let core: HostCore;
let id: SessionId;
/** The method does not look at who asks. */
const nobody = {} as SurfaceConnection;

const page = async (range: { after?: number; before?: number; limit: number }) => {
  const { sessions, adoption, log, store } = core;
  const follow = () => {
    throw new Error('not followed here');
  };
  const mayWorkIn = async () => null;
  const problems = () => [];
  const methods = sessionMethods({ sessions, adoption, log, store, mayWorkIn, problems, follow });
  return await methods['session.events']({ sessionId: id, ...range }, nobody);
};

beforeEach(async () => {
  const scripted = new ScriptedAgent();
  core = new HostCore({ pipes: new MemoryKeeper({ scripted: scripted.agent }).connect() });
  id = await core.start();
});
afterEach(() => core.close());

test('pages go on until all is read, forwards and backwards, and say when there is more', async () => {
  core.log.commit((tx) => {
    for (let n = 0; n < 20; n += 1) tx.append(id, { type: 'agent.text', text: `${n}` });
  });
  const all = core.events(id);
  const forwards = [];
  for (let more = true; more;) {
    const next = await page({ after: forwards.at(-1)?.seq ?? 0, limit: 6 });
    forwards.push(...next.events);
    more = next.more;
  }
  const backwards = [];
  for (let more = true; more;) {
    const next = await page({ before: backwards[0]?.seq ?? all.length + 1, limit: 6 });
    backwards.unshift(...next.events);
    more = next.more;
  }
  expect([forwards, backwards]).toEqual([all, all]);
  expect(await page({ after: all.length, limit: 6 })).toEqual({ events: [], more: false });
  expect(await page({ after: 2, before: 6, limit: 6 })).toEqual({
    events: all.slice(2, 5),
    more: false,
  });
});

test('a page of large events is one that a surface can be sent', async () => {
  core.log.commit((tx) => {
    for (let n = 0; n < 20; n += 1)
      tx.append(id, { type: 'agent.text', text: 'x'.repeat(2 * 1024 * 1024) });
  });
  const { events, more } = await page({ after: 0, limit: 2_000 });
  expect([
    JSON.stringify(events).length < MAX_SURFACE_MESSAGE_BYTES,
    events.length > 0,
    more,
  ]).toEqual([true, true, true]);
});
