import { useHost } from '../../state/host-context.tsx';
import { phone } from '../../strings/phone.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { machineWords } from './machine-words.ts';
import { useRouter } from './router-context.ts';
import { useHostName, useLinkWords } from './use-link-words.ts';

const t = phone.machine;

/** The machine in one line, one tap away from all that holds it awake; and whether it is there at all. */
export function MachineLine() {
  const router = useRouter();
  const power = useHost((host) => host.power);
  const facts = usePhone((state) => state.facts);
  const cachedAtMs = usePhone((state) => state.cachedAtMs);
  const { words: link, nowMs } = useLinkWords(1_000);
  const { tone, words } = machineWords({ power, link: link.kind, facts, cachedAtMs, nowMs });
  return (
    <section className="machine" aria-label={t.title}>
      <h2 className="machine-title">{link.title}</h2>
      <CheckNow />
      <button
        type="button"
        className="machine-line"
        data-tone={tone}
        onClick={() => router.go({ name: 'power' })}
      >
        <span>
          <Shown text={words} />
        </span>
        <Icon name="chevron" />
      </button>
    </section>
  );
}

/** Asks the host itself, end to end. */
export function CheckNow() {
  const { acts } = usePhoneWorld();
  const hostName = useHostName();
  return (
    <Button onClick={() => acts.checkNow()} aria-label={`${t.check}. ${t.checkLabel}: ${hostName}`}>
      {t.check}
    </Button>
  );
}
