import { useState } from 'react';
import { ruleText } from '../../../src/protocol/rules/rule-text.ts';
import { RULE_DECISIONS, type Rule } from '../../../src/protocol/rules/rule.ts';
import { useHost } from '../../state/host-context.tsx';
import { decide as d } from '../../strings/decide.ts';
import { en } from '../../strings/en.ts';
import { rules as t } from '../../strings/rules.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { AboutField } from './about-field.tsx';
import { RuleFields } from './rule-fields.tsx';
import { formOf, ruleOf, type MatchField, type RuleForm } from './rule-form.ts';
import type { RuleActs } from './use-rules.ts';

const MAX_NOTE_CHARS = 500;
const START: RuleForm = { ...formOf({ decision: 'allow' }), where: 'folder' };

/** A rule from nothing; where it holds is the session on screen or its folder, or everywhere. */
export function AddRule({
  acts,
  onClose,
}: {
  readonly acts: RuleActs;
  readonly onClose: () => void;
}) {
  const session = useHost(({ open }) => open?.state ?? null);
  const [decision, setDecision] = useState<Rule['decision']>('allow');
  const [about, setAbout] = useState<MatchField>('command');
  const [note, setNote] = useState('');
  const [form, setForm] = useState<RuleForm>(
    session === null ? { ...START, where: 'everywhere' } : START,
  );
  const [nowMs, setNowMs] = useState(() => Date.now());
  const [failure, setFailure] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const base: Rule = {
    decision,
    [about]: ' ',
    ...(note.trim() !== '' && { note: note.trim() }),
  };
  const made = ruleOf(base, form, { sessionId: session?.id, folder: session?.cwd, nowMs });
  const change = (next: RuleForm): void => {
    setNowMs(Date.now());
    setForm(next);
  };
  return (
    <form
      className="rule-form"
      aria-label={t.addTitle}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!made.ok) return;
        acts
          .add(made.rule)
          .then(onClose, (error: unknown) =>
            setFailure(error instanceof Error ? error.message : String(error)),
          );
      }}
    >
      <h3>{t.addTitle}</h3>
      <label className="field">
        <span className="field-label">{t.decision}</span>
        <select
          className="select"
          autoFocus
          value={decision}
          onChange={({ target }) =>
            setDecision(RULE_DECISIONS.find((one) => one === target.value) ?? 'ask')
          }
        >
          {RULE_DECISIONS.map((one) => (
            <option key={one} value={one}>
              {t.decisions[one]}
            </option>
          ))}
        </select>
      </label>
      <AboutField
        label={t.about}
        about={about}
        text={form.match[about]}
        onChange={(next, text) => {
          setAbout(next);
          change({ ...form, match: { ...form.match, [next]: text } });
        }}
      />
      <RuleFields
        fields={[]}
        form={form}
        made={!made.ok && made.problem === 'empty' && !isTried ? { ok: true, rule: base } : made}
        hasSession={session !== null}
        folder={session?.cwd}
        onChange={change}
      />
      <label className="field">
        <span className="field-label">
          {t.note} <span className="field-hint">{en.start.optional}</span>
        </span>
        <input
          className="input"
          value={note}
          maxLength={MAX_NOTE_CHARS}
          onChange={({ target }) => setNote(target.value)}
        />
      </label>
      {made.ok && (
        <div>
          <span className="field-label">{d.always.reads}</span>
          <p className="rule-reads code" role="status">
            <Shown text={ruleText(made.rule)} />
          </p>
        </div>
      )}
      {failure !== null && (
        <p className="field-problem" role="alert">
          <Shown text={failure} />
        </p>
      )}
      <div className="rule-acts">
        <Button type="submit">{t.save}</Button>
        <Button look="quiet" onClick={onClose}>
          {en.app.cancel}
        </Button>
      </div>
    </form>
  );
}
