import { groupOf, lampOf } from '../../features/sessions/grouping.ts';
import { LampIcon } from '../../features/lamp/lamp-icon.tsx';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { phone } from '../../strings/phone.ts';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { useHostName, useLinkWords } from '../shell/use-link-words.ts';
import '../../ui/field.css';

const t = phone.home;
const FRESH_EVERY_MS = 5_000;

/** The lamp of the open host, in words, how fresh that is, and the other hosts one tap away. */
export function HomeHead() {
  const { acts } = usePhoneWorld();
  const hosts = usePhone((state) => state.hosts);
  const openId = usePhone((state) => state.open?.id ?? '');
  const name = useHostName();
  const { lamp, words } = useLamp();
  return (
    <div className="home-head">
      <LampIcon lamp={lamp} size={28} />
      <div className="home-head-words">
        {hosts.length > 1 ? (
          <select
            className="select select-quiet home-host"
            aria-label={t.switchHost(name)}
            value={openId}
            onChange={(event) => acts.openHost(event.target.value)}
          >
            {hosts.map((host) => (
              <option key={host.id} value={host.id}>
                {host.name}
              </option>
            ))}
          </select>
        ) : (
          <span className="home-host">{name}</span>
        )}
        <span className="home-lamp">{words}</span>
      </div>
    </div>
  );
}

function useLamp() {
  const sessions = useHost((host) => host.sessions);
  const hasProblem = useHost((host) => host.problems.length > 0);
  const heardAtMs = usePhone(({ facts }) => facts.heardAtMs);
  const { words: link, nowMs } = useLinkWords(FRESH_EVERY_MS);
  const shown = sessions.filter(({ archived }) => !archived);
  const last = lampOf(shown, hasProblem || link.kind === 'broken');
  // Nobody is at work on a machine that sleeps.
  const lamp = link.kind === 'asleep' && last === 'working' ? 'idle' : last;
  // What needs the person is counted over the cards themselves.
  const said =
    lamp === 'needsYou'
      ? ''
      : lamp === 'working'
        ? en.lamp.working(shown.filter((session) => groupOf(session) === 'working').length)
        : en.lamp[lamp];
  if (link.kind === 'broken') return { lamp, words: t.lost };
  if (link.kind === 'asleep') return { lamp, words: link.title };
  const fresh =
    link.kind === 'trying' ? t.connecting : t.heard(agoWords(calm(heardAtMs, nowMs), nowMs));
  return { lamp, words: [said, fresh].filter(Boolean).join(' · ') };
}

/** In steps of ten seconds: a clock that ticks above the list would not be calm. */
function calm(atMs: number | null, nowMs: number): number | null {
  if (atMs === null || nowMs - atMs >= 60_000) return atMs;
  return nowMs - Math.floor((nowMs - atMs) / 10_000) * 10_000;
}
