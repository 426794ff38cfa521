import { useState } from 'react';
import { en } from '../../strings/en.ts';
import type { PanelProps } from './more-acts.tsx';
import { PanelFoot } from './panel-foot.tsx';

const t = en.approvals;
const MAX_REASON_CHARS = 4_000;

/** Why not; the agent hears it after the refusal. */
export function ReasonForm({ decide, onBack }: PanelProps) {
  const [reason, setReason] = useState('');
  return (
    <form
      className="card-panel"
      onSubmit={(event) => {
        event.preventDefault();
        void decide.send({ allow: false, reason: reason.trim() });
      }}
    >
      <label className="field">
        <span className="field-label">{t.reason}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={MAX_REASON_CHARS}
          value={reason}
          placeholder={t.reasonHint}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <PanelFoot send={t.sendDeny} disabled={decide.isSending} onBack={onBack} />
    </form>
  );
}
