import { phone } from '../../strings/phone.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { usePhone } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { useRouter } from '../shell/router-context.ts';

const t = phone.audit;

/** On the first screen, until the person has looked: the log does not hold what this phone saw of it. */
export function AuditNote() {
  const router = useRouter();
  const audit = usePhone((state) => state.audit);
  const host = usePhone(({ open, hosts }) => hosts.find(({ id }) => id === open?.id)?.name ?? '');
  if (audit === null || audit.trouble === null) return null;
  return (
    <section className="still" role="alert" data-audit="lost">
      <h2 className="home-group">
        <Icon name="alert" /> {t.lost(host)}
      </h2>
      <p>{t.lostBody(audit.head.n, agoWords(audit.atMs, audit.trouble.foundAtMs))}</p>
      <Button onClick={() => router.go({ name: 'settings' })}>{t.more}</Button>
    </section>
  );
}
