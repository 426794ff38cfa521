import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import type { Reach } from '../../../src/protocol/reach.ts';
import {
  agentLeg,
  deviceLeg,
  noteLeg,
  relayLeg,
  serviceLeg,
  type Leg,
} from '../../features/reach/reach-words.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { phoneReach as t } from '../../strings/phone-reach.ts';
import { reach as words } from '../../strings/reach.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import { useHostName, useLinkWords } from '../shell/use-link-words.ts';
import { linkLegs, reviveWords } from './link-legs.ts';
import './reach.css';

/** The host answers within 7 s, with what has not by then as such. */
const PROBE_LIMIT_MS = 12_000;
const AGE_EVERY_MS = 1_000;

interface Probe {
  readonly reach: Reach | null;
  readonly atMs: number;
  readonly isBusy: boolean;
  readonly failure: string | null;
}

/** The way phone → relay → host → agent, each leg by itself and with its age. */
export function ReachScreen() {
  const { acts } = usePhoneWorld();
  const facts = usePhone((state) => state.facts);
  const known = usePhone(({ hosts, open }) => hosts.find(({ id }) => id === open?.id));
  const hostName = useHostName();
  const isUp = useHost(({ link }) => link.kind === 'up');
  const { words: link, nowMs } = useLinkWords(AGE_EVERY_MS);
  const { probe, ask } = useProbe(isUp);
  const revive = reviveWords(link.kind, known ?? {}, nowMs);
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
        {stateWords(probe, isUp, nowMs)}
      </p>
      {probe.reach !== null && <Beyond reach={probe.reach} nowMs={nowMs} />}
      <Button
        icon={<Icon name="again" />}
        disabled={probe.isBusy}
        onClick={() => {
          acts.checkNow();
          if (isUp) ask();
        }}
      >
        {words.again}
      </Button>
    </Screen>
  );
}

/** Asked when the host is reached, and by the button. What was known before stays, with its age. */
function useProbe(isUp: boolean): { readonly probe: Probe; ask(): void } {
  const { link } = useWorld();
  const [probe, setProbe] = useState<Probe>({
    reach: null,
    atMs: 0,
    isBusy: false,
    failure: null,
  });
  const ask = useCallback(() => {
    setProbe((before) => ({ ...before, isBusy: true, failure: null }));
    link.call('reach.probe', {}, PROBE_LIMIT_MS).then(
      ({ reach }) => setProbe({ reach, atMs: Date.now(), isBusy: false, failure: null }),
      (error: unknown) =>
        setProbe((before) => ({ ...before, isBusy: false, failure: wordsOf(error) })),
    );
  }, [link]);
  useEffect(() => {
    if (isUp) ask();
  }, [isUp, ask]);
  return { probe, ask };
}

function wordsOf(error: unknown): string {
  if (error instanceof RpcFailure && error.is('methodNotFound')) return t.old;
  return error instanceof Error ? error.message : String(error);
}

function stateWords({ reach, atMs, isBusy, failure }: Probe, isUp: boolean, nowMs: number): string {
  if (isBusy) return words.probing;
  if (failure !== null) return `${words.failed} ${failure}`;
  if (reach === null) return t.partial;
  return isUp ? '' : t.last(agoWords(atMs, nowMs));
}

function Beyond({ reach, nowMs }: { readonly reach: Reach; readonly nowMs: number }) {
  const router = useRouter();
  const own = usePhone(({ open, hosts }) => hosts.find(({ id }) => id === open?.id)?.device.id);
  const others = reach.devices.filter(({ id }) => id !== own);
  return (
    <>
      <Legs title={t.beyond} legs={[relayLeg(reach), noteLeg(reach, nowMs), serviceLeg(reach)]} />
      <section className="part">
        <h2>{words.sessions}</h2>
        {reach.sessions.length === 0 ? (
          <p className="soft">{words.noSessions}</p>
        ) : (
          <ul role="list">
            {reach.sessions.map((session) => (
              <li key={session.id}>
                <button
                  type="button"
                  className="reach-row"
                  onClick={() => router.go({ name: 'session', sessionId: session.id })}
                >
                  <LegWords leg={agentLeg(session, nowMs)} />
                  <Icon name="chevron" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      {others.length > 0 && (
        <Legs title={words.devices} legs={others.map((device) => deviceLeg(device, nowMs))} />
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
          <li key={leg.id} className="reach-leg">
            <LegWords leg={leg} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function LegWords({ leg }: { readonly leg: Leg }): ReactNode {
  const { tone, name, words: said, detail } = leg;
  return (
    <span className="reach-words" data-tone={tone}>
      <span className="reach-name">
        {tone === 'wrong' && <Icon name="alert" />}
        <Shown text={name} />
      </span>
      <span>
        <Shown text={said} />
      </span>
      {detail !== null && (
        <span className="soft">
          <Shown text={detail} />
        </span>
      )}
    </span>
  );
}
