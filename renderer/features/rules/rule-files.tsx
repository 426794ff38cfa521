import { useState } from 'react';
import type { RuleFile, RuleRow } from '../../../src/protocol/rules/rule.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { rules as t } from '../../strings/rules.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import type { RuleActs } from './use-rules.ts';

/** Where rules come from, what is wrong there, and which projects are trusted. */
export function RuleFiles({
  files,
  rows,
  acts,
}: {
  readonly files: readonly RuleFile[];
  readonly rows: readonly RuleRow[];
  readonly acts: RuleActs;
}) {
  if (files.length === 0) return null;
  return (
    <section aria-label={t.files}>
      <h3>{t.files}</h3>
      <ul role="list" className="rule-list">
        {files.map((file) => (
          <FileRow
            key={file.path}
            file={file}
            rows={rows.filter(({ file: path }) => path === file.path)}
            acts={acts}
          />
        ))}
      </ul>
    </section>
  );
}

function FileRow({
  file,
  rows,
  acts,
}: {
  readonly file: RuleFile;
  readonly rows: readonly RuleRow[];
  readonly acts: RuleActs;
}) {
  const { surface } = useWorld();
  const [isAsking, setAsking] = useState(false);
  const { project } = file;
  // Only this machine's own surfaces may say what its projects may loosen.
  const mayTrust = project !== undefined && surface !== 'phone';
  return (
    <li>
      <div className="rule-words">
        <span className="code">
          <Shown text={file.path} />
        </span>
        <span className="rule-note">
          {t.sources[file.source]} · {t.fileStates[file.state]}
          {file.rules > 0 && ` · ${t.count(file.rules)}`}
        </span>
        {file.problem !== null && (
          <p className="rule-problem" role="alert">
            <Icon name="alert" />
            <span>
              <Shown text={file.problem} />
            </span>
          </p>
        )}
        {isAsking && project !== undefined && (
          <div className="rule-trust" role="group" aria-label={t.trust}>
            <p>
              <strong>
                <Shown text={t.trustTitle(project.folder)} />
              </strong>{' '}
              {t.trustBody}
            </p>
            <ul role="list" className="rule-trusted">
              {rows.map((row) => (
                <li key={row.id} className="code">
                  <Shown text={row.text} />
                </li>
              ))}
            </ul>
            <div className="rule-acts">
              <Button ref={focused} onClick={() => setAsking(false)}>
                {en.app.cancel}
              </Button>
              <Button
                look="danger"
                onClick={() => {
                  setAsking(false);
                  void acts.trust(project, true);
                }}
              >
                {t.trust}
              </Button>
            </div>
          </div>
        )}
      </div>
      {mayTrust && !isAsking && file.state === 'untrusted' && (
        <Button onClick={() => setAsking(true)}>{`${t.trust}…`}</Button>
      )}
      {mayTrust && file.state === 'ok' && (
        <Button look="quiet" onClick={() => void acts.trust(project, false)}>
          {t.distrust}
        </Button>
      )}
    </li>
  );
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}
