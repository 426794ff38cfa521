import type { ReactNode } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { clockOf, roughSpanOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { withKeys } from '../keyboard/platform.ts';
import { isUnfinished } from '../palette/commands.ts';
import './standing.css';

const t = en.standing;
const CLOCK_EVERY_MS = 15_000;

/** Why a session that is not at work stands still, and the ways on; nothing where there is nothing to say. */
export function Standing({ state }: { readonly state: SessionState }) {
  if (state.archived) return null;
  if (state.state === 'parked') return <Parked state={state} />;
  if (isUnfinished(state)) return <Unfinished state={state} />;
  if (state.state !== 'idle') return null;
  if (state.held) return <Held state={state} />;
  if (state.instance === null && state.turn !== null && state.worktreeState !== 'discarded')
    return <Line icon="moon" words={t.asleep} />;
  return null;
}

function Unfinished({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isCut = state.turn?.outcome === 'interrupted';
  return (
    <Line
      icon="alert"
      title={isCut ? t.interrupted : t.unfinished}
      words={isCut ? (state.problem?.message ?? t.interruptedWhy) : t.unfinishedWhy}
      {...(state.held && { more: t.held(state.queue.length) })}
    >
      {state.held && (
        <Button
          look="quiet"
          disabled={!isUp}
          title={t.releaseHint}
          onClick={() => void acts.live(state.id, 'resume')}
        >
          {t.release}
        </Button>
      )}
      <Button
        disabled={!isUp}
        title={t.continueHint}
        onClick={() => void acts.live(state.id, 'continue')}
        {...withKeys('goOn')}
      >
        {t.continue}
      </Button>
    </Line>
  );
}

/** A person stopped the turn or said "stay": what was queued behind it waits for a word. */
function Held({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  return (
    <Line icon="clock" words={t.waits(state.queue.length)}>
      <Button disabled={!isUp} onClick={() => void acts.live(state.id, 'resume')}>
        {t.release}
      </Button>
    </Line>
  );
}

function Parked({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const nowMs = useNow(CLOCK_EVERY_MS);
  if (state.parked === null) return null;
  const { until, reason, attempt } = state.parked;
  const leftMs = Date.parse(until) - nowMs;
  return (
    <Line
      icon="clock"
      title={leftMs > 0 ? t.parkedUntil(clockOf(until, nowMs), roughSpanOf(leftMs)) : t.parked}
      words={[reason, t.parkedTry(attempt), leftMs > 0 ? '' : t.parkedOver]
        .filter(Boolean)
        .join(' ')}
    >
      <Button
        look="quiet"
        disabled={!isUp}
        title={t.stayHint}
        onClick={() => void acts.live(state.id, 'cancel')}
      >
        {t.stay}
      </Button>
      <Button
        disabled={!isUp}
        onClick={() => void acts.live(state.id, 'resume')}
        {...withKeys('goOn')}
      >
        {t.goOn}
      </Button>
    </Line>
  );
}

interface LineProps {
  readonly icon: IconName;
  readonly title?: string;
  readonly words: string;
  readonly more?: string;
  readonly children?: ReactNode;
}

function Line({ icon, title, words, more, children }: LineProps) {
  const mayAct = useMay('operator');
  return (
    <section className="standing" aria-label={t.label}>
      <Icon name={icon} />
      <div className="standing-words" role="status">
        {title !== undefined && <strong>{title}</strong>} <span>{words}</span>
        {more !== undefined && <span> {more}</span>}
      </div>
      {children !== undefined && mayAct && <div className="standing-acts">{children}</div>}
    </section>
  );
}
