import { memo, useMemo } from 'react';
import { assertNever } from '../../../src/base/assert-never.ts';
import { visibleLine } from '../../../src/base/visible-text.ts';
import type { Problem } from '../../../src/protocol/session/events.ts';
import type {
  ApprovalItem,
  ModeItem,
  PlanItem,
  PromptItem,
  TextItem,
  TranscriptItem,
  TurnEndItem,
} from '../../../src/protocol/transcript/item.ts';
import { BY_HOST } from '../../../src/protocol/session/reduce.ts';
import { en } from '../../strings/en.ts';
import { mode as m } from '../../strings/mode.ts';
import { risk } from '../../strings/risk.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { wholeTime } from '../../ui/time.ts';
import { sizeOf } from '../../ui/time.ts';
import { CopyButton } from '../highlight/copy-button.tsx';
import { commandOf, toolIcon } from './tool-words.ts';
import { decidedWords } from '../approvals/who-decided.ts';
import { useFold } from './folds.tsx';
import { LongText } from './long-text.tsx';
import { Markdown, OutLink } from './markdown.tsx';
import { PlanList } from './plan-list.tsx';
import { ProblemView } from './problem-view.tsx';
import { Picture, ToolView } from './tool-view.tsx';

const t = en.transcript;
/** Longer than any answer; parsed as markdown it would hold the window. */
const MAX_MARKDOWN_CHARS = 100_000;

/** One thing of the transcript as a person sees it. */
export const ItemView = memo(function ItemView({
  item,
  cwd,
}: {
  readonly item: TranscriptItem;
  readonly cwd: string;
}) {
  switch (item.kind) {
    case 'prompt':
      return <PromptView item={item} />;
    case 'userText':
      return (
        <article className="said said-you" aria-label={t.you}>
          {item.text}
        </article>
      );
    case 'text':
      return <AnswerView item={item} />;
    case 'thought':
      return <ThoughtView item={item} />;
    case 'image':
      return <Picture mimeType={item.mimeType} data={item.data} />;
    case 'link':
      return (
        <p className="marker">
          <OutLink href={item.uri}>{item.name}</OutLink>
        </p>
      );
    case 'tool':
      return <ToolView item={item} cwd={cwd} />;
    case 'plan':
      return <PlanView item={item} />;
    case 'mode':
      return <p className="marker">{modeWords(item)}</p>;
    case 'compaction':
      return (
        <p className="marker">
          {item.status === 'completed'
            ? t.compacted
            : item.status === 'failed'
              ? t.compactFailed
              : t.compacting}
        </p>
      );
    case 'notice':
      return (
        <p className={`notice notice-${item.level}`}>
          {item.level !== 'info' && <Icon name="alert" />}
          <span>
            <Shown text={item.text} />
          </span>
        </p>
      );
    case 'approval':
      return <ApprovalRecord item={item} />;
    case 'agentStarted':
      return (
        <p className="marker">
          {item.loaded ? t.reloaded(item.name) : t.started(item.name, item.version)}
        </p>
      );
    case 'agentExited':
      return (
        <p className="marker">
          {item.hibernated
            ? t.hibernated
            : item.expected
              ? t.exitedExpected
              : t.exited(item.code, item.signal)}
        </p>
      );
    case 'turnEnd':
      return <TurnEnd item={item} />;
    case 'problem':
      return <ProblemView problem={item.problem} />;
    case 'ended':
      return <p className="marker">{t.ended(en.app.by(item.by))}</p>;
    case 'step':
      return <p className="marker">{t.step(item.step)}</p>;
    default:
      return assertNever(item, 'transcript item');
  }
});

function modeWords({ mode, native, by, undoes }: ModeItem): string {
  const now = mode === null ? visibleLine(native) : en.session.modes[mode];
  if (undoes !== undefined)
    return m.undone(now, undoes === null ? m.own : en.session.modes[undoes]);
  return t.modeChanged(now, by === 'agent' ? t.byAgent : en.app.by(by));
}

function PromptView({ item }: { readonly item: PromptItem }) {
  return (
    <article
      className="said said-you"
      aria-label={item.by === BY_HOST ? en.app.name : t.you}
      title={wholeTime(item.at)}
    >
      {item.by === BY_HOST && <span className="said-by">{t.byHost}</span>}
      {item.prompt === null && t.earlierPrompt}
      {item.prompt?.map((part, i) => {
        switch (part.type) {
          case 'text':
            return <span key={i}>{part.text}</span>;
          case 'image':
            return <Picture key={i} mimeType={part.mimeType} data={part.data} />;
          case 'link':
            return (
              <span key={i} className="code">
                {part.name}
              </span>
            );
          default:
            return assertNever(part, 'prompt part');
        }
      })}
    </article>
  );
}

function AnswerView({ item }: { readonly item: TextItem }) {
  if (item.text.length > MAX_MARKDOWN_CHARS)
    return (
      <LongText text={item.text} label={t.tooLong(sizeOf(item.text.length))} foldKey={item.key} />
    );
  return (
    <article className="said" title={wholeTime(item.at)}>
      <Markdown text={item.text} />
      <div className="said-acts">
        <CopyButton text={item.text} />
      </div>
    </article>
  );
}

function ThoughtView({ item }: { readonly item: TextItem }) {
  const [open, toggle] = useFold(item.key, false);
  const first = useMemo(
    () =>
      item.text
        .slice(0, FIRST_CHARS)
        .split('\n')[0]
        ?.replaceAll(/[*_#`]/g, '') ?? '',
    [item.text],
  );
  return (
    <section className="thought">
      <button type="button" className="tool-head" aria-expanded={open} onClick={toggle} data-roving>
        <Icon name="chevron" className={open ? 'turned' : ''} />
        <span className="thought-word">{t.thought}</span>
        {!open && <span className="thought-first">{first}</span>}
      </button>
      {open && (
        <div className="thought-body">
          <Markdown text={item.text.slice(0, MAX_MARKDOWN_CHARS)} />
        </div>
      )}
    </section>
  );
}

const FIRST_CHARS = 160;

function PlanView({ item }: { readonly item: PlanItem }) {
  const done = item.entries.filter(({ status }) => status === 'completed').length;
  return (
    <section className="plan-card" aria-label={t.plan}>
      <h2 className="plan-head">
        {t.plan} <span>{t.planDone(done, item.entries.length)}</span>
      </h2>
      <PlanList entries={item.entries} />
    </section>
  );
}

function ApprovalRecord({ item }: { readonly item: ApprovalItem }) {
  const { approval, decision, phase, closed } = item;
  // While it is open its card stands below the conversation.
  if (phase === 'open') return null;
  const a = en.approvals;
  const said =
    decision !== null ? decidedWords(approval, decision) : closed !== null ? a.closed[closed] : '';
  const came = phase === 'delivered' || phase === 'finished' || phase === 'failed';
  return (
    <div className="record">
      <Icon name={toolIcon(approval.kind)} />
      <span className="record-title">
        <Shown text={commandOf(approval.call.input) ?? approval.title} />
      </span>
      <span className="record-said">
        <Shown text={said} />
        {came && <span className="record-receipt">{` · ${risk.receipts[phase]}`}</span>}
      </span>
      {decision?.reason !== undefined && (
        <span className="record-reason">
          <Shown text={a.reasonWas(decision.reason)} />
        </span>
      )}
    </div>
  );
}

function TurnEnd({ item }: { readonly item: TurnEndItem }) {
  return (
    <div className="turn-end">
      <p className={`turn-line turn-${item.outcome}`} title={wholeTime(item.at)}>
        <span>{t.turn[item.outcome]}</span>
      </p>
      {item.problem !== undefined &&
        (CALM.has(item.outcome) || CALM_KINDS.has(item.problem.kind) ? (
          <p className="turn-why">
            {[item.problem.message, item.problem.fix].filter(Boolean).join(' ')}
          </p>
        ) : (
          <ProblemView problem={item.problem} />
        ))}
    </div>
  );
}

const CALM_KINDS: ReadonlySet<Problem['kind']> = new Set(['network', 'limit']);

/** It can go on from here, so nothing is broken; the way on stands above the message box. */
const CALM: ReadonlySet<TurnEndItem['outcome']> = new Set(['interrupted', 'limited']);
