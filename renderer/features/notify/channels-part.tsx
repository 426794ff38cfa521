import { useState, type ReactNode } from 'react';
import type { NotifyChannels, NotifyPlace } from '../../../src/protocol/attention.ts';
import { notify } from '../../strings/notify.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { ActWords } from '../power/act-words.tsx';
import { useAct } from '../power/use-act.ts';
import { HostsForm, NtfyForm, WebhookForm } from './channel-forms.tsx';
import '../../ui/field.css';

const t = notify.channels;

export type SetChannels = (channels: Partial<NotifyChannels>) => Promise<void>;

export interface ChannelsPartProps {
  readonly places: readonly NotifyPlace[];
  readonly hosts: readonly string[];
  readonly set: SetChannels;
}

/** ntfy, a webhook, and addresses that may be private: set up on this machine only. */
export function ChannelsPart({ places, hosts, set }: ChannelsPartProps) {
  const has = (kind: NotifyPlace['kind']): boolean => places.some((place) => place.kind === kind);
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      <p className="field-hint">{t.hint}</p>
      <Channel
        name={t.ntfy}
        body={t.ntfyBody}
        isThere={has('ntfy')}
        remove={async () => await set({ ntfy: null })}
      >
        {(onDone) => <NtfyForm set={set} onDone={onDone} />}
      </Channel>
      <Channel
        name={t.webhook}
        body={t.webhookBody}
        isThere={has('webhook')}
        remove={async () => await set({ webhook: null })}
      >
        {(onDone) => <WebhookForm set={set} onDone={onDone} />}
      </Channel>
      <Channel name={t.hosts} body={t.hostsBody} said={hosts.join(', ')} isThere={hosts.length > 0}>
        {(onDone) => <HostsForm hosts={hosts} set={set} onDone={onDone} />}
      </Channel>
    </section>
  );
}

interface ChannelProps {
  readonly name: string;
  readonly body: string;
  /** How it stands, where that may be shown. */
  readonly said?: string;
  readonly isThere: boolean;
  readonly remove?: () => Promise<void>;
  readonly children: (onDone: (words: string | null) => void) => ReactNode;
}

function Channel({ name, body, said = '', isThere, remove, children }: ChannelProps) {
  const [isOpen, setOpen] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const act = useAct();
  return (
    <div className="notify-channel" role="group" aria-label={name}>
      <div className="notify-channel-head">
        <div className="notify-choice">
          <strong>{name}</strong>
          <span className="field-hint">{body}</span>
          {said !== '' && (
            <span>
              <Shown text={said} />
            </span>
          )}
        </div>
        {!isOpen && (
          <div className="notify-acts">
            {isThere && remove !== undefined && (
              <Button
                look="quiet"
                disabled={act.isBusy}
                aria-label={`${t.remove}: ${name}`}
                onClick={() =>
                  act.run(async () => {
                    await remove();
                    return t.removed;
                  })
                }
              >
                {t.remove}
              </Button>
            )}
            <Button
              disabled={act.isBusy}
              aria-label={`${isThere ? t.change : t.setUp} ${name}`}
              onClick={() => {
                setDone(null);
                setOpen(true);
              }}
            >
              {isThere ? t.change : t.setUp}
            </Button>
          </div>
        )}
      </div>
      {isOpen &&
        children((words) => {
          setOpen(false);
          setDone(words);
        })}
      {done !== null && (
        <p className="notify-said" role="status">
          {done}
        </p>
      )}
      <ActWords act={act} />
    </div>
  );
}
