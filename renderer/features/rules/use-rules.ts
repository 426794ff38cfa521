import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Result } from '../../../src/protocol/methods.ts';
import type { Rule, RuleFile, RuleRow } from '../../../src/protocol/rules/rule.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { newCommandId } from '../../state/uuid.ts';
import { showToast } from '../../state/view-store.ts';
import { rules as t } from '../../strings/rules.ts';

export interface RuleActs {
  /** Throws in words, for the form that asks. */
  add(rule: Rule): Promise<void>;
  /** Can be taken back for as long as its toast is there. */
  remove(row: RuleRow): Promise<void>;
  trust(project: NonNullable<RuleFile['project']>, trusted: boolean): Promise<void>;
}

export interface Rules {
  /** null until the host has told. */
  readonly list: Result<'rules.list'> | null;
  readonly failure: string | null;
  readonly acts: RuleActs;
}

/** All rules as they are now, for as long as this is on screen. */
export function useRules(): Rules {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [list, setList] = useState<Result<'rules.list'> | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const look = useCallback(
    () =>
      link.call('rules.list', {}).then(
        (answer) => {
          setFailure(null);
          setList(answer);
        },
        (error: unknown) => setFailure(messageOf(error)),
      ),
    [link],
  );
  useEffect(() => {
    if (!isUp) return;
    void look();
    return link.onNotice((notice) => {
      if (notice.name === 'rules.changed') void look();
    });
  }, [link, isUp, look]);
  const acts = useMemo((): RuleActs => {
    const add = async (rule: Rule): Promise<void> => {
      await link.call('rules.add', { commandId: newCommandId(), rule });
      await look();
    };
    const orToast = async (doing: Promise<unknown>): Promise<boolean> =>
      await doing.then(
        () => true,
        (error: unknown) => {
          showToast(messageOf(error));
          return false;
        },
      );
    return {
      add,
      remove: async ({ id, text, rule }) => {
        const asked = link.call('rules.remove', { commandId: newCommandId(), id });
        if (!(await orToast(asked))) return;
        await look();
        showToast(t.removed(text), { words: t.undo, run: () => void orToast(add(rule)) });
      },
      trust: async ({ folder, hash }, trusted) => {
        await orToast(link.call('rules.trust', { folder, hash, trusted }));
        await look();
      },
    };
  }, [link, look]);
  return { list, failure, acts };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
