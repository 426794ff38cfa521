import type { Reach } from '../../../src/protocol/reach.ts';
import { LegRow } from '../../features/reach/leg-row.tsx';
import { isStuck } from '../../features/reach/pulse-words.ts';
import {
  agentLeg,
  deviceLeg,
  noteLeg,
  relayLeg,
  serviceLeg,
  type Leg,
} from '../../features/reach/reach-words.ts';
import { StuckActs } from '../../features/reach/stuck-acts.tsx';
import { hostNowMs, useReach, type ReachNow } from '../../features/reach/use-reach.ts';
import { Origin } from '../../features/sessions/origin.tsx';
import { useHost } from '../../state/host-context.tsx';
import { phoneReach as t } from '../../strings/phone-reach.ts';
import { reach as words } from '../../strings/reach.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { Screen } from '../shell/screen.tsx';
import { useHostName, useLinkWords } from '../shell/use-link-words.ts';
import { linkLegs, reviveWords } from './link-legs.ts';
import './reach.css';

const AGE_EVERY_MS = 1_000;

/** The way phone → relay → host → agent, each leg by itself and with its age. */
export function ReachScreen() {
  const { acts } = usePhoneWorld();
  const facts = usePhone((state) => state.facts);
  const known = usePhone(({ hosts, open }) => hosts.find(({ id }) => id === open?.id));
  const hostName = useHostName();
  const isUp = useHost(({ link }) => link.kind === 'up');
  const { words: link, nowMs } = useLinkWords(AGE_EVERY_MS);
  const now = useReach();
  const revive = reviveWords(link.kind, known ?? {}, nowMs);
  const { probed } = now;
  return (
    <Screen title={t.title}>
      <Legs title={words.way} legs={linkLegs(facts, hostName, nowMs)} />
      {revive.lines.length > 0 && (
        <section className="part">
          <h2>{t.revive}</h2>
          {revive.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {revive.command !== null && (
            <p>
              {t.start} <code className="code">{revive.command}</code>
            </p>
          )}
        </section>
      )}
      <p className="reach-state" role="status">
        {stateWords(now, isUp, nowMs)}
      </p>
      {probed !== null && <Beyond reach={probed.reach} thereMs={hostNowMs(probed, nowMs)} />}
      <Button
        icon={<Icon name="again" />}
        disabled={now.isAsking}
        onClick={() => {
          acts.checkNow();
          now.again();
        }}
      >
        {words.again}
      </Button>
    </Screen>
  );
}

function stateWords({ probed, isAsking, failure }: ReachNow, isUp: boolean, nowMs: number): string {
  if (isAsking) return words.probing;
  const was = probed === null ? t.partial : t.last(agoWords(probed.atMs, nowMs));
  if (!isUp) return was;
  if (failure !== null) return `${words.failed} ${failure}`;
  return probed === null ? '' : t.asked(agoWords(probed.atMs, nowMs));
}

/** What the host itself sees; `thereMs`: its own clock, which a phone's may be far from. */
function Beyond({ reach, thereMs }: { readonly reach: Reach; readonly thereMs: number }) {
  const own = usePhone(({ open, hosts }) => hosts.find(({ id }) => id === open?.id)?.device.id);
  const others = reach.devices.filter(({ id }) => id !== own);
  return (
    <>
      <Legs title={t.beyond} legs={[relayLeg(reach), noteLeg(reach, thereMs), serviceLeg(reach)]} />
      <section className="part">
        <h2>{words.sessions}</h2>
        {reach.sessions.length === 0 && <p className="soft">{words.noSessions}</p>}
        <ul role="list">
          {reach.sessions.map((session) => (
            <LegRow
              key={session.id}
              leg={agentLeg(session, thereMs)}
              name={<Origin sessionId={session.id} title={session.title} />}
            >
              {isStuck(session.pulse) && (
                <StuckActs
                  sessionId={session.id}
                  hasTurn={session.state === 'working' || session.state === 'waiting'}
                />
              )}
            </LegRow>
          ))}
        </ul>
      </section>
      {others.length > 0 && (
        <Legs title={words.devices} legs={others.map((device) => deviceLeg(device, thereMs))} />
      )}
    </>
  );
}

function Legs({ title, legs }: { readonly title: string; readonly legs: readonly Leg[] }) {
  return (
    <section className="part">
      <h2>{title}</h2>
      <ul role="list">
        {legs.map((leg) => (
          <LegRow key={leg.id} leg={leg} />
        ))}
      </ul>
    </section>
  );
}
