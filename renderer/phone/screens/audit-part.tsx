import type { KeptHead } from '../../../src/connection/device/audit-watch.ts';
import type { AuditHead } from '../../../src/protocol/audit.ts';
import { later } from '../../strings/phone-later.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/use-now.ts';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';

const t = later.audit;
const AGE_EVERY_MS = 20_000;
const entryOf = ({ n, hash }: AuditHead): string => t.entry(n, hash);

/** What this phone knows of the host's audit log, and what the host says instead. */
export function AuditPart() {
  const audit = usePhone((state) => state.audit);
  const nowMs = useNow(AGE_EVERY_MS);
  if (audit === null) return <p className="soft">{t.none}</p>;
  if (audit.trouble === null) return <p>{t.fine(audit.head.n, agoWords(audit.atMs, nowMs))}</p>;
  return <Lost audit={audit} trouble={audit.trouble} nowMs={nowMs} />;
}

function Lost({
  audit: { head, atMs },
  trouble: { foundAtMs, newest, says },
  nowMs,
}: {
  readonly audit: KeptHead;
  readonly trouble: NonNullable<KeptHead['trouble']>;
  readonly nowMs: number;
}) {
  const { acts } = usePhoneWorld();
  const pairs = [
    [t.saw, t.seen(entryOf(head), agoWords(atMs, nowMs))],
    [t.says, newest === null ? t.noLog : says === null ? t.noEntry(head.n) : entryOf(says)],
    ...(newest === null ? [] : [[t.newest, entryOf(newest)]]),
    [t.found, agoWords(foundAtMs, nowMs)],
  ];
  return (
    <div data-audit="lost">
      <dl className="pairs">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">{t.advice}</p>
      <Button look="danger" onClick={() => void acts.dismissAudit()}>
        {t.dismiss}
      </Button>
    </div>
  );
}
