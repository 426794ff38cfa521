import { useState } from 'react';
import type { CheckedCall } from '../../../src/protocol/rules/check.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { risk as r } from '../../strings/risk.ts';
import { rules as t } from '../../strings/rules.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { AboutField } from './about-field.tsx';
import type { MatchField } from './rule-form.ts';

const c = t.check;

/** What the rules make of a call that nobody has asked about yet, step by step. */
export function CheckRules() {
  const { link } = useWorld();
  const agents = useHost((host) => host.agents);
  const session = useHost(({ open }) => open?.state ?? null);
  const [about, setAbout] = useState<MatchField>('command');
  const [text, setText] = useState('');
  const [cwd, setCwd] = useState(session?.cwd ?? '');
  const [agent, setAgent] = useState(session?.agent ?? '');
  const [checked, setChecked] = useState<CheckedCall | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const look = async (): Promise<void> => {
    setChecked(null);
    if (text.trim() === '') return setProblem(c.empty);
    if (!/^(?:\/|~\/|[A-Za-z]:[\\/]|\\\\)/.test(cwd)) return setProblem(c.needFolder);
    setProblem(null);
    try {
      const call = about === 'path' ? { paths: [text.trim()] } : { [about]: text.trim() };
      const place = { cwd, ...(agent !== '' && { agent }) };
      setChecked(await link.call('rules.check', { ...call, ...place }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      className="rule-form"
      aria-label={c.title}
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <h3>{c.title}</h3>
      <AboutField
        label={c.about}
        about={about}
        text={text}
        onChange={(next, words) => {
          setAbout(next);
          setText(words);
        }}
      />
      <div className="field-row">
        <label className="field">
          <span className="field-label">{c.cwd}</span>
          <input
            className="input input-code"
            value={cwd}
            onChange={({ target }) => setCwd(target.value)}
          />
        </label>
        <label className="field">
          <span className="field-label">{c.agent}</span>
          <select
            className="select"
            value={agent}
            onChange={({ target }) => setAgent(target.value)}
          >
            <option value="">{c.anyAgent}</option>
            {agents?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {problem !== null && (
        <p className="field-problem" role="alert">
          <Shown text={problem} />
        </p>
      )}
      <div className="rule-acts">
        <Button type="submit">{c.go}</Button>
      </div>
      {checked !== null && <Answer checked={checked} />}
    </form>
  );
}

function Answer({ checked }: { readonly checked: CheckedCall }) {
  const { decision, rule, asks, risk, steps, notEnforceable } = checked;
  return (
    <div className="rule-answer" role="status">
      <p>
        <strong>{c[decision]}</strong> {asks !== null && t.asks[asks.because]}
      </p>
      <p>
        {rule === null ? (
          c.noRule
        ) : (
          <>
            {c.by}: <span className="code">{<Shown text={rule.text} />}</span>
          </>
        )}
      </p>
      <p>
        {c.risk}: {r.levels[risk.level]}
        {risk.marks.length > 0 && (
          <Shown
            text={`. ${risk.marks.map(({ kind, about }) => `${r.marks[kind]}${about === '' ? '' : `: ${about}`}`).join('; ')}`}
          />
        )}
      </p>
      {notEnforceable !== null && (
        <p className="rule-problem">
          <Shown text={notEnforceable} />
        </p>
      )}
      {steps.length > 0 && (
        <>
          <h4>{c.steps}</h4>
          <ol className="rule-steps">
            {steps.map((step, i) => (
              <li key={i}>
                <Shown text={step} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
