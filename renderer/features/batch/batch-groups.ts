import type { Approval, ApprovalKind } from '../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { shortPath } from '../diff/short-path.ts';

/** Approvals that one look can take in: of one session, of one kind, below one folder. */
export interface BatchGroup {
  readonly key: string;
  readonly sessionId: SessionId;
  readonly kind: ApprovalKind;
  /** The deepest folder that all their paths have in common; '' where there is none to name. */
  readonly under: string;
  /** Oldest first. */
  readonly approvals: readonly Approval[];
}

/**
 * The groups worth deciding at once. Whatever is of high risk, of a risk that is not known, a question,
 * or needs a check of the person is decided on its own card.
 */
export function batchGroups(
  approvals: readonly Approval[],
  cwdOf: (sessionId: SessionId) => string | undefined,
): BatchGroup[] {
  const groups = new Map<string, Approval[]>();
  for (const approval of approvals) {
    if (!isForBatch(approval)) continue;
    const key = `${approval.sessionId} ${approval.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), approval]);
  }
  return [...groups].flatMap(([key, found]): BatchGroup[] => {
    const [first] = found;
    if (first === undefined || found.length < 2) return [];
    const { sessionId, kind } = first;
    const cwd = first.cwd ?? cwdOf(sessionId);
    return [
      {
        key,
        sessionId,
        kind,
        under: commonFolder(found.flatMap(pathsOf).map((path) => shortPath(path, cwd))),
        approvals: found.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)),
      },
    ];
  });
}

function isForBatch({ kind, risk, decider, options }: Approval): boolean {
  const isCalm = risk !== undefined && risk.level !== 'high' && risk.level !== 'highest';
  return (
    kind !== 'question' &&
    isCalm &&
    decider?.fresh !== true &&
    options.some((option) => option.kind === 'allow_once')
  );
}

export function pathsOf({ call }: Pick<Approval, 'call'>): string[] {
  const paths = [...call.diff, ...call.locations].map(({ path }) => path);
  return [...new Set(paths)];
}

/** `src/` of `src/a.ts` and `src/b/c.ts`; '' when they share nothing but the root, or name no file. */
export function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split(/[\\/]/).slice(0, -1));
  const [first, ...rest] = folders;
  if (first === undefined) return '';
  let depth = first.length;
  for (const folder of rest) {
    let same = 0;
    while (same < depth && folder[same] === first[same]) same += 1;
    depth = same;
  }
  const common = first.slice(0, depth).join('/');
  return common === '' ? '' : `${common}/`;
}
