import { useState } from 'react';
import { assertNever } from '../../../src/base/assert-never.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { LandResult } from '../../../src/protocol/session/workspace.ts';
import { useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import type { WorkStep } from '../../state/works.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { CopyButton } from '../highlight/copy-button.tsx';

const t = work;

export interface StepViewProps {
  readonly state: SessionState;
  readonly step: WorkStep;
}

/** How landing or removing stands or ended, in plain words; the same in the panel and in the dialogs. */
export function StepView({ state, step }: StepViewProps) {
  switch (step.kind) {
    case 'landing':
      return <Busy words={t.landBusy(state.origin?.base ?? t.noBase)} />;
    case 'discarding':
      return <Busy words={t.discardBusy} />;
    case 'landed':
      return <Landed state={state} result={step.result} />;
    case 'discarded':
      return (
        <div className="work-step" role="status">
          <p>{t.discarded}</p>
          {step.keptAs !== null && <Kept keptAs={step.keptAs} />}
        </div>
      );
    case 'failed':
      return (
        <div className="work-step" role="alert">
          <p>
            <Icon name="alert" /> {step.doing === 'land' ? t.landFailed : t.discardFailed}
          </p>
          <p className="work-soft">{step.message}</p>
        </div>
      );
    default:
      return assertNever(step, 'step of a worktree');
  }
}

function Busy({ words }: { readonly words: string }) {
  return (
    <div className="work-step" role="status">
      <progress aria-label={words} />
      <p>{words}</p>
    </div>
  );
}

function Kept({ keptAs }: { readonly keptAs: string }) {
  const back = t.discardBack(keptAs);
  return (
    <>
      <p>{t.discardedKept(keptAs)}</p>
      <p className="work-soft">{t.discardBackHint}</p>
      <p className="work-command">
        <code>{back}</code> <CopyButton text={back} />
      </p>
    </>
  );
}

function Landed({ state, result }: { readonly state: SessionState; readonly result: LandResult }) {
  const { outcome, base, commits, commit, conflicts } = result;
  if (outcome === 'landed')
    return (
      <p className="work-step" role="status">
        {t.landed(base, commits, commit)}
      </p>
    );
  if (outcome === 'nothing')
    return (
      <p className="work-step" role="status">
        {t.landNothing(base)}
      </p>
    );
  return <Conflict state={state} base={base} files={conflicts} />;
}

const MAX_SHOWN = 100;

function Conflict({
  state,
  base,
  files,
}: {
  readonly state: SessionState;
  readonly base: string;
  readonly files: readonly string[];
}) {
  const { acts, works } = useWorld();
  const [prompt, setPrompt] = useState(t.conflictPrompt(base, files));
  const [isGoing, setGoing] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (): Promise<void> => {
    setGoing(true);
    setProblem(null);
    try {
      await acts.send(state.id, [{ type: 'text', text: prompt.trim() }]);
      // It stands in the conversation now, or in the queue.
      works.seen(state.id);
      closeOverlay();
    } catch (error) {
      setProblem(
        `${en.composer.notSent} ${error instanceof Error ? error.message : String(error)}`,
      );
      setGoing(false);
    }
  };
  return (
    <div className="work-step work-conflict" role="alert">
      <p className="work-verdict">{t.conflict(base, files.length)}</p>
      <p>{t.conflictSafe(base)}</p>
      <ul role="list" className="work-files" aria-label={t.conflictFiles} tabIndex={0}>
        {files.slice(0, MAX_SHOWN).map((file) => (
          <li key={file} className="code">
            {file}
          </li>
        ))}
        {files.length > MAX_SHOWN && <li>{t.more(files.length - MAX_SHOWN)}</li>}
      </ul>
      <label className="field">
        <span>{t.conflictNext(base)}</span>
        <textarea
          className="input"
          rows={3}
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
        />
      </label>
      {problem !== null && <p className="field-problem">{problem}</p>}
      <div>
        <Button disabled={isGoing || prompt.trim() === ''} onClick={() => void send()}>
          {t.conflictSend}
        </Button>
      </div>
    </div>
  );
}
