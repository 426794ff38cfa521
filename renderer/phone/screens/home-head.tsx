import { groupOf, lampOf } from '../../features/sessions/grouping.ts';
import { LampIcon } from '../../features/lamp/lamp-icon.tsx';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { phone } from '../../strings/phone.ts';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { useLinkWords } from '../shell/use-link-words.ts';
import '../../ui/field.css';

const LINK_EVERY_MS = 5_000;

/** The lamp of the open host, in words, and the other hosts one tap away. */
export function HomeHead() {
  const { acts } = usePhoneWorld();
  const hosts = usePhone((state) => state.hosts);
  const openId = usePhone((state) => state.open?.id ?? '');
  const sessions = useHost((host) => host.sessions);
  const hasProblem = useHost((host) => host.problems.length > 0);
  const { words } = useLinkWords(LINK_EVERY_MS);
  const name = hosts.find(({ id }) => id === openId)?.name ?? '';
  const lamp = lampOf(sessions, hasProblem || words.kind === 'broken');
  const said =
    words.kind === 'broken'
      ? phone.home.lost
      : lamp === 'needsYou' || lamp === 'working'
        ? en.lamp[lamp](sessions.filter((session) => groupOf(session) === lamp).length)
        : en.lamp[lamp];
  return (
    <div className="home-head">
      <LampIcon lamp={lamp} size={28} />
      <div className="home-head-words">
        {hosts.length > 1 ? (
          <select
            className="select select-quiet home-host"
            aria-label={phone.home.switchHost(name)}
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
        <span className="home-lamp">{said}</span>
      </div>
    </div>
  );
}
