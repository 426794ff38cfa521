import { useState } from 'react';
import { decide as d } from '../../strings/decide.ts';
import { Shown } from '../../ui/shown.tsx';
import { draftOf, editedCall, hiddenIn } from './edited-call.ts';
import type { PanelProps } from './more-acts.tsx';
import { PanelFoot } from './panel-foot.tsx';

const t = d.edit;
const ROWS = 12;

/** Another call in its place: refused as it is, asked for as it should be. */
export function EditForm({ approval, decide, onBack }: PanelProps) {
  const { input } = approval.call;
  const [draft, setDraft] = useState(() => draftOf(input));
  const [isTried, setTried] = useState(false);
  const edited = editedCall(input, draft);
  const hidden = hiddenIn(draft);
  const problem = edited.ok
    ? null
    : edited.why === 'notJson'
      ? t.notJson(edited.words)
      : isTried
        ? t[edited.why]
        : null;
  return (
    <form
      className="card-panel"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (edited.ok) void decide.send({ allow: false, edited: edited.input });
      }}
    >
      <h3>{t.title}</h3>
      <label className="field">
        <span className="field-label">{draft.kind === 'command' ? t.command : t.input}</span>
        <textarea
          className="input input-code"
          rows={Math.min(ROWS, Math.max(2, draft.text.split('\n').length))}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          autoFocus
          value={draft.text}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `edit-${approval.id}`}
          onChange={(event) => setDraft({ ...draft, text: event.target.value })}
        />
      </label>
      {problem !== null && (
        <p className="field-problem" id={`edit-${approval.id}`} role="alert">
          <Shown text={problem} />
        </p>
      )}
      {hidden !== '' && <p className="field-hint">{t.hidden(hidden)}</p>}
      <p className="field-hint">{t.body}</p>
      <PanelFoot send={t.send} disabled={decide.isSending} onBack={onBack} />
    </form>
  );
}
