import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditNote } from '../../../../src/host/audit/trail.ts';
import type { LogWriter } from '../../../../src/host/event-log/event-log.ts';
import { RuleAudit } from '../../../../src/host/rules/rule-audit.ts';
import { RulesBench } from './rules-bench.ts';

let bench: RulesBench;
let notes: AuditNote[];
beforeEach(() => {
  bench = new RulesBench();
  notes = [];
});

/** Of the log only what the rules do with it. */
const tx = () =>
  ({ putMeta: (key: string, value: string) => void bench.meta.set(key, value) }) as LogWriter;

function audit() {
  const { book, trust, writing } = bench.host();
  const log = new RuleAudit({
    ...{ book, trust },
    audit: {
      append: (_, note) => void notes.push(note),
      who: (surface) => ({ surface }),
    },
    store: { meta: (key) => bench.meta.get(key) ?? null },
    commit: (work) => work(tx()),
  });
  return { log, writing };
}

describe('the audit log', () => {
  it('hears of a rule that a surface adds, once', () => {
    const { log, writing } = audit();
    log.look();
    const { row } = writing.add({ decision: 'allow', command: 'make' });
    log.changed(tx(), 'cli', { added: row.id, rule: row.text });
    log.look();
    audit().log.look();
    expect(notes).toEqual([
      {
        kind: 'rulesChanged',
        who: { surface: 'cli' },
        what: { added: row.id, rule: 'allow command "make"' },
      },
    ]);
  });

  it('hears of files that were changed by hand, also while no host ran', () => {
    audit().log.look();
    bench.writeUser([{ decision: 'allow', command: 'make' }]);
    audit().log.look();
    bench.writePolicy('{');
    const { log } = audit();
    log.look();
    log.look();
    expect(notes.map(({ who, what }) => [who.surface, what.byHand, what.files])).toEqual([
      ['host', true, [expect.objectContaining({ path: bench.file, state: 'ok', rules: 1 })]],
      [
        'host',
        true,
        [
          expect.objectContaining({ path: bench.file }),
          expect.objectContaining({ state: 'bad', rules: 0 }),
        ],
      ],
    ]);
  });
});
