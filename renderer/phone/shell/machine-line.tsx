import { phone } from '../../strings/phone.ts';
import { Button } from '../../ui/button.tsx';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from './link-words.ts';
import { useHostName, useLinkWords } from './use-link-words.ts';

const t = phone.machine;

/** The way to the agents, leg by leg, each with its age. No leg is called good because of another. */
export function MachineLine() {
  const { acts } = usePhoneWorld();
  const facts = usePhone((state) => state.facts);
  const hostName = useHostName();
  const { words, nowMs } = useLinkWords(1_000);
  return (
    <section className="machine" aria-label={t.title}>
      <h2 className="machine-title">{words.title}</h2>
      <dl className="machine-legs">
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
      <Button
        onClick={() => acts.checkNow()}
        aria-label={`${t.check}. ${t.checkLabel}: ${hostName}`}
      >
        {t.check}
      </Button>
    </section>
  );
}
