import { useState, type ReactNode } from 'react';
import type { NotifyChannels } from '../../../src/protocol/attention.ts';
import { en } from '../../strings/en.ts';
import { notify } from '../../strings/notify.ts';
import { Button } from '../../ui/button.tsx';
import { useAct } from '../power/use-act.ts';
import { hostsOf, newSecret, ntfyOf, webhookOf } from './channel-form.ts';

const t = notify.channels;

export interface ChannelFormProps {
  readonly set: (channels: Partial<NotifyChannels>) => Promise<void>;
  /** Saved, in words; null: left as it was. */
  readonly onDone: (words: string | null) => void;
}

type Made =
  | { readonly ok: true; readonly channels: Partial<NotifyChannels> }
  | { readonly ok: false; readonly problem: string };

/** What was typed is checked when it is to be saved, and the host has the last word. */
function ChannelForm({
  made,
  set,
  onDone,
  children,
}: ChannelFormProps & { readonly made: Made; readonly children: ReactNode }) {
  const act = useAct();
  return (
    <form
      className="notify-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!made.ok) return act.fail(made.problem);
        act.run(async () => {
          await set(made.channels);
          onDone(t.set);
          return null;
        });
      }}
    >
      {children}
      {act.problem !== null && (
        <p className="field-problem" role="alert">
          {act.problem}
        </p>
      )}
      <div className="notify-acts">
        <Button type="submit" disabled={act.isBusy}>
          {t.save}
        </Button>
        <Button look="quiet" onClick={() => onDone(null)}>
          {en.app.cancel}
        </Button>
      </div>
    </form>
  );
}

export function NtfyForm(props: ChannelFormProps) {
  const [form, setForm] = useState({ url: 'https://ntfy.sh', topic: '', token: '', detail: false });
  return (
    <ChannelForm {...props} made={ntfyOf(form)}>
      <Field label={t.url} value={form.url} onChange={(url) => setForm({ ...form, url })} isFirst />
      <Field label={t.topic} value={form.topic} onChange={(topic) => setForm({ ...form, topic })} />
      <Field
        label={`${t.token} (${t.optional})`}
        value={form.token}
        isSecret
        onChange={(token) => setForm({ ...form, token })}
      />
      <Detail checked={form.detail} onChange={(detail) => setForm({ ...form, detail })} />
    </ChannelForm>
  );
}

export function WebhookForm(props: ChannelFormProps) {
  const [form, setForm] = useState({ url: '', secret: '', detail: false });
  return (
    <ChannelForm {...props} made={webhookOf(form)}>
      <Field label={t.url} value={form.url} onChange={(url) => setForm({ ...form, url })} isFirst />
      <div className="notify-secret">
        {/* To be seen: the other side must be given the same. */}
        <Field
          label={t.secret}
          hint={t.secretHint}
          value={form.secret}
          onChange={(secret) => setForm({ ...form, secret })}
        />
        <Button
          onClick={() =>
            setForm({ ...form, secret: newSecret((bytes) => crypto.getRandomValues(bytes)) })
          }
        >
          {t.makeSecret}
        </Button>
      </div>
      <Detail checked={form.detail} onChange={(detail) => setForm({ ...form, detail })} />
    </ChannelForm>
  );
}

export interface HostsFormProps extends ChannelFormProps {
  readonly hosts: readonly string[];
}

export function HostsForm({ hosts, ...props }: HostsFormProps) {
  const [text, setText] = useState(() => hosts.join('\n'));
  return (
    <ChannelForm {...props} made={hostsOf(text)}>
      <label className="field">
        <span className="field-label">{t.hostList}</span>
        <textarea
          className="input input-code"
          rows={3}
          value={text}
          autoFocus
          onChange={({ target }) => setText(target.value)}
        />
      </label>
    </ChannelForm>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly isSecret?: boolean;
  readonly isFirst?: boolean;
  readonly onChange: (value: string) => void;
}

function Field({ label, hint, value, isSecret = false, isFirst = false, onChange }: FieldProps) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <input
        className="input"
        type={isSecret ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        maxLength={1_000}
        value={value}
        autoFocus={isFirst}
        onChange={({ target }) => onChange(target.value)}
      />
      {hint !== undefined && <span className="field-hint">{hint}</span>}
    </label>
  );
}

interface DetailProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Detail({ checked, onChange }: DetailProps) {
  return (
    <label className="tick">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span>{t.detail}</span>
    </label>
  );
}
