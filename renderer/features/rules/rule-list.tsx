import { useState } from 'react';
import { RULE_SOURCES, type RuleSource } from '../../../src/protocol/rules/rule-ref.ts';
import type { RuleRow } from '../../../src/protocol/rules/rule.ts';
import { useMay } from '../../state/role.ts';
import { rules as t } from '../../strings/rules.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import type { RuleActs } from './use-rules.ts';

/** Ten thousand rows at once would hold the window. */
const ROWS_AT_ONCE = 100;
const CLOCK_EVERY_MS = 30_000;

/** All rules in their order, by where they come from. `acts` null: to be looked at only. */
export function RuleList({
  rows,
  acts,
}: {
  readonly rows: readonly RuleRow[];
  readonly acts: RuleActs | null;
}) {
  if (rows.length === 0) return <p>{t.none}</p>;
  return RULE_SOURCES.map((source) => (
    <SourcePart
      key={source}
      source={source}
      rows={rows.filter((row) => row.source === source)}
      acts={acts}
    />
  ));
}

function SourcePart({
  source,
  rows,
  acts,
}: {
  readonly source: RuleSource;
  readonly rows: readonly RuleRow[];
  readonly acts: RuleActs | null;
}) {
  const [room, setRoom] = useState(ROWS_AT_ONCE);
  const mayChange = useMay('operator') && source === 'user';
  const nowMs = useNow(CLOCK_EVERY_MS);
  if (rows.length === 0) return null;
  return (
    <section aria-label={t.sources[source]}>
      <h3>
        {t.sources[source]} <span className="rule-count">{t.count(rows.length)}</span>
      </h3>
      <ol role="list" className="rule-list">
        {rows.slice(0, room).map((row) => (
          <li key={`${row.n} ${row.id}`} className={row.notInForce === undefined ? '' : 'rule-off'}>
            <div className="rule-words">
              <span className="code">
                <Shown text={row.text} />
              </span>
              <RuleNotes row={row} nowMs={nowMs} />
            </div>
            {mayChange && acts !== null && (
              <Button
                look="quiet"
                aria-label={`${t.remove}: ${row.text}`}
                onClick={() => void acts.remove(row)}
              >
                {t.remove}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {rows.length > room && (
        <Button look="quiet" onClick={() => setRoom(room + 10 * ROWS_AT_ONCE)}>
          {t.more(rows.length - room)}
        </Button>
      )}
    </section>
  );
}

function RuleNotes({ row, nowMs }: { readonly row: RuleRow; readonly nowMs: number }) {
  const { rule, usesLeft, notInForce } = row;
  const notes = [
    rule.note ?? '',
    rule.until === undefined ? '' : t.until(clockOf(rule.until, nowMs)),
    usesLeft === undefined ? '' : t.usesLeft(usesLeft),
    notInForce === undefined ? '' : t.notInForce(notInForce),
  ].filter((note) => note !== '');
  if (notes.length === 0) return null;
  return (
    <span className="rule-note">
      <Shown text={notes.join(' · ')} />
    </span>
  );
}
