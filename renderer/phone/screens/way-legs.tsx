import { phone } from '../../strings/phone.ts';
import { usePhone } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { CheckNow } from '../shell/machine-line.tsx';
import { useLinkWords } from '../shell/use-link-words.ts';

const t = phone.machine;

/** The way to the agents, leg by leg, each with its age. No leg is called good because of another. */
export function WayLegs() {
  const facts = usePhone((state) => state.facts);
  const { words, nowMs } = useLinkWords(1_000);
  return (
    <>
      <p>{words.title}</p>
      <dl className="pairs">
        <div>
          <dt>{t.relay}</dt>
          <dd>{facts.relay.up ? t.relayUp(facts.relay.rttMs) : t.relayDown}</dd>
        </div>
        <div>
          <dt>{t.heard}</dt>
          <dd>{agoWords(facts.heardAtMs, nowMs)}</dd>
        </div>
        <div>
          <dt>{t.checked}</dt>
          <dd>
            {facts.checked === null
              ? phone.link.never
              : t.checkedIn(agoWords(facts.checked.atMs, nowMs), facts.checked.tookMs)}
          </dd>
        </div>
      </dl>
      <CheckNow />
    </>
  );
}
