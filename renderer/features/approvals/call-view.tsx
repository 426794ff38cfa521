import { useMemo } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { en } from '../../strings/en.ts';
import { commandOf } from '../transcript/tool-words.ts';
import { Shown } from '../../ui/shown.tsx';
import type { DiffPart } from './card-props.ts';
import { CommandText } from './command-text.tsx';

const t = en.approvals;

/** The call that would run: its command, or its diff, or its input; whole, scrolling inside. */
export function CallView({
  approval,
  cwd,
  Diff,
}: {
  readonly approval: Approval;
  readonly cwd: string | undefined;
  readonly Diff: DiffPart;
}) {
  const { input, diff, tool } = approval.call;
  const command = commandOf(input);
  const json = useMemo(
    () => (input === undefined || input === null ? '' : JSON.stringify(input, null, 2)),
    [input],
  );
  const isShown = command !== null || diff.length > 0;
  return (
    <div className="call">
      {command !== null && (
        <pre className="call-command" tabIndex={0} role="group" aria-label={t.call}>
          <CommandText text={command} />
        </pre>
      )}
      {diff.map((one, i) => (
        <Diff key={i} diff={one} {...(cwd !== undefined && { cwd })} />
      ))}
      {!isShown && json !== '' && (
        <pre className="call-command call-input" tabIndex={0} role="group" aria-label={t.call}>
          <Shown text={json} />
        </pre>
      )}
      {isShown && json !== '' && (
        <details className="call-details">
          <summary>{t.details}</summary>
          <pre tabIndex={0} role="group" aria-label={t.details}>
            <Shown text={`${tool}\n${json}`} />
          </pre>
        </details>
      )}
    </div>
  );
}
