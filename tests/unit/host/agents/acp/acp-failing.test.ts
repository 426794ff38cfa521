import { afterEach, expect, test } from 'vitest';
import { launcherOf } from '../../../../../src/host/agents/launchers/launchers.ts';
import { DEFAULT_POLICY } from '../../../../../src/host/sessions/recovery.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { ScriptedAgent, SILENCE } from '../../../../fakes/scripted-agent.ts';
import { HostCore, profile } from '../../support/host-core.ts';

let core: HostCore;
afterEach(() => core.close());

const status = (type: string) => ({ codex: { threadStatus: { type } } });
const error = (willRetry: boolean) => ({
  codex: {
    error: {
      message: 'Reconnecting... 5/5',
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
      additionalDetails: 'stream disconnected before completion: error sending request',
      willRetry,
    },
  },
});

/** A turn of codex-acp 2.6.0, which says these things and then that its turn came to its end. */
async function turn(...said: object[]) {
  const agent = new ScriptedAgent();
  agent.handlers['session/prompt'] = (process, request) => {
    const session = String(request.params?.sessionId);
    for (const _meta of said)
      process.update(session, { sessionUpdate: 'session_info_update', _meta });
    process.answer(request, { stopReason: 'end_turn' });
    return SILENCE;
  };
  const { troubles, failedTurn } = launcherOf('codex').profile;
  core = new HostCore({
    pipes: new MemoryKeeper({ scripted: agent.agent }).connect(),
    profile: { ...profile, ...(troubles && { troubles }), ...(failedTurn && { failedTurn }) },
    recovery: { policy: () => ({ ...DEFAULT_POLICY, afterNetworkError: 'offer' }) },
  });
  await core.restore();
  const id = await core.start('build it');
  const { turn: ended, problem } = await core.turnEnded(id);
  return { outcome: ended?.outcome, problem };
}

test('a turn that failed and is said to have ended well has failed', async () => {
  expect(await turn(status('active'), error(true), status('systemError'))).toEqual({
    outcome: 'failed',
    problem: {
      kind: 'network',
      message: 'Scripted: stream disconnected before completion: error sending request',
    },
  });
});

test('one that failed without saying why has failed all the same', async () => {
  expect(await turn(status('active'), status('systemError'))).toEqual({
    outcome: 'failed',
    problem: { kind: 'other', message: 'Scripted: The turn failed; its last words say why.' },
  });
});

test('one that got over its trouble has ended well', async () => {
  const well = { outcome: 'completed', problem: null };
  expect(await turn(status('active'), error(true), status('idle'))).toEqual(well);
  core.close();
  expect(await turn(status('systemError'), status('active'), error(true))).toEqual(well);
});
