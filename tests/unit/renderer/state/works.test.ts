import { describe, expect, test } from 'vitest';
import { Works } from '../../../../renderer/state/works.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { MethodName, Result } from '../../../../src/protocol/methods.ts';
import type { Changes } from '../../../../src/protocol/session/workspace.ts';

const ID = sessionIdSchema.parse('s_000000000001');

function changes(total: number): Changes {
  return {
    files: [],
    total,
    insertions: 0,
    deletions: 0,
    branch: 'porchlight/x',
    base: 'main',
    commits: 1,
    uncommitted: false,
    landed: false,
  };
}

/** A host whose answers come when the test says so. */
class SlowHost {
  readonly asked: {
    method: MethodName;
    resolve: (value: unknown) => void;
    reject: (error: Error) => void;
  }[] = [];

  async call<M extends MethodName>(method: M): Promise<Result<M>> {
    return await new Promise<Result<M>>((resolve, reject) => {
      this.asked.push({ method, resolve: (value) => resolve(value as Result<M>), reject });
    });
  }
}

function begin(): { host: SlowHost; works: Works } {
  const host = new SlowHost();
  return { host, works: new Works(host) };
}

describe('a worktree in the window', () => {
  test('shows the newest look, also when an older one answers later', async () => {
    const { host, works } = begin();
    const looks = [works.look(ID), works.look(ID)];
    host.asked[1]?.resolve(changes(2));
    host.asked[0]?.resolve(changes(1));
    await Promise.all(looks);
    expect(works.of(ID)).toEqual({
      changes: changes(2),
      isLooking: false,
      problem: null,
      step: null,
    });
  });

  test('keeps what it showed when a look fails, and says why', async () => {
    const { host, works } = begin();
    const first = works.look(ID);
    host.asked[0]?.resolve(changes(1));
    await first;
    const second = works.look(ID);
    host.asked[1]?.reject(new Error('The worktree was removed by hand.'));
    await second;
    expect(works.of(ID)).toEqual({
      changes: changes(1),
      isLooking: false,
      problem: 'The worktree was removed by hand.',
      step: null,
    });
  });

  test('lands once, however often it is asked, and is looked at again after', async () => {
    const { host, works } = begin();
    const landing = [works.land(ID, 'merge', ''), works.land(ID, 'squash', '')];
    works.seen(ID);
    expect(works.of(ID).step).toEqual({ kind: 'landing' });
    const result = { outcome: 'landed', base: 'main', commit: 'ab', commits: 1, conflicts: [] };
    host.asked[0]?.resolve(result);
    await Promise.resolve();
    while (host.asked.length < 2) await Promise.resolve();
    host.asked[1]?.resolve(changes(0));
    await Promise.all(landing);
    expect({ step: works.of(ID).step, asked: host.asked.map(({ method }) => method) }).toEqual({
      step: { kind: 'landed', result },
      asked: ['session.land', 'session.changes'],
    });
  });

  test('that cannot be removed says why, until the person has seen it', async () => {
    const { host, works } = begin();
    const discarding = works.discard(ID, false);
    host.asked[0]?.reject(
      new RpcFailure('refused', 'Two commits are nowhere else.', { kind: 'wouldLose' }),
    );
    await discarding;
    expect(works.of(ID).step).toEqual({
      kind: 'failed',
      doing: 'discard',
      message: 'Two commits are nowhere else.',
      wouldLose: true,
    });
    works.seen(ID);
    expect(works.of(ID).step).toBeNull();
  });
});
