import { useCallback, useId, useState, type KeyboardEvent } from 'react';
import type { Approval, ApprovalOption } from '../../../src/protocol/approval/approval.ts';
import type { Decision } from '../../state/acts.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ageOf, wholeTime } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { shortPath } from '../diff/short-path.ts';
import { isMac, withKeys } from '../keyboard/platform.ts';
import { shortcutOf } from '../keyboard/shortcuts.ts';
import { commandOf, toolIcon } from '../transcript/tool-words.ts';
import { CallView } from './call-view.tsx';
import { CannotDecideNote, useCannotDecide } from './may-not.tsx';
import { QuestionCard } from './question-card.tsx';
import { lostWords, type ApprovalCardProps } from './card-props.ts';
import type { Ending } from './settled.ts';
import './approval-card.css';

const t = en.approvals;
const AGE_EVERY_MS = 15_000;

/** The calmest thing on screen: what, where, why, the whole call, and two buttons. */
export function ApprovalCard(props: ApprovalCardProps) {
  const { approval, ending, agent, cwd, origin } = props;
  const nowMs = useNow(AGE_EVERY_MS);
  const titleId = useId();
  const isQuestion = approval.kind === 'question';
  const [card, heightPx] = useHeight();
  if (ending !== null)
    return <SettledCard approval={approval} ending={ending} heightPx={heightPx} />;
  return (
    <article
      ref={card}
      className="card"
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={decideByKey}
      data-approval={approval.id}
      data-open="true"
    >
      <header className="card-head">
        <Icon name={toolIcon(approval.kind)} />
        <h2 id={titleId}>
          <span className="card-who">{agent}</span> {t.wants[approval.kind]}
        </h2>
        <span className="card-age" title={wholeTime(approval.createdAt)}>
          {t.ago(ageOf(approval.createdAt, nowMs))}
        </span>
      </header>
      {origin}
      {isQuestion ? <QuestionCard {...props} /> : <ToolCard {...props} cwd={cwd} />}
    </article>
  );
}

/** How high an element is, or was when it was last there. */
function useHeight(): readonly [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [heightPx, setHeightPx] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeightPx(element.offsetHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, heightPx];
}

/** One calm line, so that what is still open comes into view. */
function SettledCard({
  approval,
  ending,
  heightPx,
}: Pick<ApprovalCardProps, 'approval'> & {
  readonly ending: Ending;
  /** Of the open card: a phone keeps it, so that no other button slides under the finger. */
  readonly heightPx: number;
}) {
  const keepHeight = useCallback(
    (element: HTMLElement | null) => element?.style.setProperty('--was', `${heightPx}px`),
    [heightPx],
  );
  return (
    <article
      ref={keepHeight}
      className="card card-settled"
      data-approval={approval.id}
      role="status"
    >
      <Icon name={toolIcon(approval.kind)} />
      <p className="card-done">{commandOf(approval.call.input) ?? approval.title}</p>
      <p className="card-ending">{ending.words}</p>
      {ending.reason !== undefined && <p className="card-because">{t.reasonWas(ending.reason)}</p>}
    </article>
  );
}

/** The keys work anywhere inside the card, through its buttons. */
function decideByKey(event: KeyboardEvent<HTMLElement>): void {
  const name = shortcutOf(event.nativeEvent, isMac());
  if (name !== 'allow' && name !== 'deny') return;
  event.preventDefault();
  event.currentTarget.querySelector<HTMLElement>(`[data-decides="${name}"]`)?.click();
}

function ToolCard({ approval, cwd, Diff, mayDecide, onSettled }: ApprovalCardProps) {
  const { acts, surface } = useWorld();
  const cannot = useCannotDecide();
  const [stage, setStage] = useState<'plain' | 'reason' | 'always' | 'sending'>('plain');
  const [problem, setProblem] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const standing = approval.options.filter(({ kind }) => kind === 'allow_always');
  const canAllow = approval.options.some(({ kind }) => kind === 'allow_once');
  const decide = async (decision: Decision, allowed: boolean): Promise<void> => {
    if (!mayDecide() || stage === 'sending') return;
    const before = stage;
    setStage('sending');
    setProblem(null);
    try {
      const answered = await acts.decide(approval, decision);
      const lost = lostWords(answered);
      if (lost === null)
        onSettled(approval.id, {
          words: allowed ? t.allowed(en.app.by(surface)) : t.denied(en.app.by(surface)),
        });
      else {
        setProblem(lost);
        setStage(before);
      }
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setStage(before);
    }
  };
  return (
    <div className="card-body">
      {!saysNothingNew(approval, cwd) && <p className="card-title">{approval.title}</p>}
      <CallView approval={approval} cwd={cwd} Diff={Diff} />
      <Facts approval={approval} cwd={cwd} />
      {problem !== null && (
        <p className="card-problem" role="alert">
          {problem}
        </p>
      )}
      {stage === 'reason' && (
        <form
          className="card-reason"
          onSubmit={(event) => {
            event.preventDefault();
            void decide({ allow: false, reason: reason.trim() }, false);
          }}
        >
          <label className="field">
            <span className="field-label">{t.reason}</span>
            <textarea
              className="input"
              rows={2}
              maxLength={4_000}
              value={reason}
              placeholder={t.reasonHint}
              autoFocus
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <div className="card-acts">
            <Button type="submit" disabled={cannot !== null}>
              {t.sendDeny}
            </Button>
            <Button look="quiet" onClick={() => setStage('plain')}>
              {en.app.cancel}
            </Button>
          </div>
        </form>
      )}
      {stage === 'always' && (
        <Always
          options={standing}
          onChoose={(option) => void decide({ optionId: option.optionId }, true)}
          onCancel={() => setStage('plain')}
        />
      )}
      <CannotDecideNote why={cannot} />
      {cannot !== 'role' && (stage === 'plain' || stage === 'sending') && (
        <div className="card-acts">
          <Button
            look="decide"
            data-decides="allow"
            disabled={stage === 'sending' || !canAllow || cannot !== null}
            onClick={() => void decide({ allow: true }, true)}
            {...withKeys('allow')}
          >
            {t.allow}
          </Button>
          <Button
            data-decides="deny"
            disabled={stage === 'sending' || cannot !== null}
            onClick={() => void decide({ allow: false }, false)}
            {...withKeys('deny')}
          >
            {t.deny}
          </Button>
          <span className="card-gap" />
          <Button
            look="quiet"
            disabled={stage === 'sending' || cannot !== null}
            onClick={() => mayDecide() && setStage('reason')}
          >
            {t.denyWith}
          </Button>
          {standing.length > 0 && (
            <Button
              look="quiet"
              disabled={stage === 'sending' || cannot !== null}
              onClick={() => mayDecide() && setStage('always')}
            >
              {t.always}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** The agent's own wording: what "always" means is its promise, not ours. */
function Always({
  options,
  onChoose,
  onCancel,
}: {
  readonly options: readonly ApprovalOption[];
  readonly onChoose: (option: ApprovalOption) => void;
  readonly onCancel: () => void;
}) {
  return (
    <div className="card-always">
      <p>{t.alwaysTitle}</p>
      <div className="card-acts">
        {options.map((option) => (
          <Button key={option.optionId} onClick={() => onChoose(option)}>
            {option.name}
          </Button>
        ))}
        <Button look="quiet" autoFocus onClick={onCancel}>
          {en.app.cancel}
        </Button>
      </div>
    </div>
  );
}

function Facts({
  approval,
  cwd,
}: {
  readonly approval: Approval;
  readonly cwd: string | undefined;
}) {
  const places = approval.call.locations.map(
    ({ path, line }) => `${shortPath(path, cwd)}${line === undefined ? '' : `:${line}`}`,
  );
  const shownInDiff = new Set(approval.call.diff.map(({ path }) => shortPath(path, cwd)));
  const extra = places.filter((place) => place !== cwd && !shownInDiff.has(place));
  const why = approval.why ?? descriptionOf(approval.call.input);
  return (
    <dl className="facts">
      {cwd !== undefined && (
        <div>
          <dt>{t.where}</dt>
          <dd className="code">{[cwd, ...extra].join('\n')}</dd>
        </div>
      )}
      {why !== undefined && (
        <div>
          <dt>{t.why}</dt>
          <dd>{why}</dd>
        </div>
      )}
      {t.risk[approval.kind] !== '' && (
        <div>
          <dt>{t.riskLabel}</dt>
          <dd>{t.risk[approval.kind]}</dd>
        </div>
      )}
    </dl>
  );
}

/** Claude says in its input what a command is for. */
function descriptionOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { description } = input as { description?: unknown };
  return typeof description === 'string' && description !== '' ? description : undefined;
}

/** A title that only repeats the command, or names the one file whose diff is shown. */
function saysNothingNew({ title, call }: Approval, cwd: string | undefined): boolean {
  const plain = title.replaceAll('`', '').trim();
  const [diff] = call.diff;
  if (diff !== undefined && call.diff.length === 1 && plain.endsWith(shortPath(diff.path, cwd)))
    return true;
  return (
    plain === '' || JSON.stringify(call.input ?? '').includes(JSON.stringify(plain).slice(1, -1))
  );
}
