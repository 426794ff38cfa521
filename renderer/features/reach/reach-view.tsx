import type { Reach } from '../../../src/protocol/reach.ts';
import { useHost } from '../../state/host-context.tsx';
import { reach as t } from '../../strings/reach.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Origin } from '../sessions/origin.tsx';
import { LegRow } from './leg-row.tsx';
import { isStuck } from './pulse-words.ts';
import {
  agentLeg,
  deviceLeg,
  noteLeg,
  relayLeg,
  serviceLeg,
  spanWords,
  tookWords,
  type Leg,
} from './reach-words.ts';
import { StuckActs } from './stuck-acts.tsx';
import { hostNowMs, useReach, type Probed } from './use-reach.ts';
import './reach.css';

const AGES_EVERY_MS = 1_000;

/** What can be reached from here, leg by leg, each with its age, and what each agent is doing. */
export function ReachView() {
  const { probed, isAsking, failure, again } = useReach();
  const isUp = useHost((host) => host.link.kind === 'up');
  const nowMs = useNow(AGES_EVERY_MS);
  return (
    <div className="reach">
      <div className="reach-head">
        <p role="status">
          {isAsking ? t.probing : probed === null ? '' : t.probed(spanWords(nowMs - probed.atMs))}
        </p>
        <Button
          data-first-focus
          icon={<Icon name="again" />}
          disabled={!isUp}
          aria-disabled={isAsking}
          onClick={() => !isAsking && again()}
        >
          {t.again}
        </Button>
      </div>
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {probed !== null && <Legs probed={probed} nowMs={nowMs} isUp={isUp} />}
    </div>
  );
}

interface LegsProps {
  readonly probed: Probed;
  readonly nowMs: number;
  readonly isUp: boolean;
}

function Legs({ probed, nowMs, isUp }: LegsProps) {
  const { reach } = probed;
  const thereMs = hostNowMs(probed, nowMs);
  const way = [hereLeg(probed, isUp), relayLeg(reach), serviceLeg(reach), noteLeg(reach, thereMs)];
  return (
    <>
      <section aria-label={t.way}>
        <h3>{t.way}</h3>
        <ul role="list">
          {way.map((leg) => (
            <LegRow key={leg.id} leg={leg} />
          ))}
        </ul>
      </section>
      <section aria-label={t.sessions}>
        <h3>{t.sessions}</h3>
        {reach.sessions.length === 0 && <p className="leg-detail">{t.noSessions}</p>}
        <ul role="list">
          {reach.sessions.map((session) => (
            <Agent key={session.id} session={session} nowMs={thereMs} />
          ))}
        </ul>
      </section>
      <section aria-label={t.devices}>
        <h3>{t.devices}</h3>
        {reach.devices.length === 0 && <p className="leg-detail">{t.noDevices}</p>}
        <ul role="list">
          {reach.devices.map((device) => (
            <LegRow key={device.id} leg={deviceLeg(device, thereMs)} />
          ))}
        </ul>
      </section>
    </>
  );
}

function hereLeg({ hereMs }: Probed, isUp: boolean): Leg {
  return {
    id: 'host',
    name: t.legs.host,
    tone: isUp ? 'ok' : 'wrong',
    words: isUp ? t.answers(tookWords(hereMs)) : t.relayAway,
    detail: null,
  };
}

interface AgentProps {
  readonly session: Reach['sessions'][number];
  readonly nowMs: number;
}

function Agent({ session, nowMs }: AgentProps) {
  const { id, title, state, pulse } = session;
  return (
    <LegRow leg={agentLeg(session, nowMs)} name={<Origin sessionId={id} title={title} />}>
      {isStuck(pulse) && (
        <StuckActs sessionId={id} hasTurn={state === 'working' || state === 'waiting'} />
      )}
    </LegRow>
  );
}
