import type { SessionId } from '../../../src/protocol/ids.ts';
import type { PromptPart } from '../../../src/protocol/transcript/content.ts';
import { en } from '../../strings/en.ts';
import { later } from '../../strings/phone-later.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { usePhone, usePhoneWorld, type OutboxEntry } from '../phone-world.ts';

const t = later.session;

/** What was written here and the host does not have yet; each can be taken back. */
export function OutboxList({
  sessionId,
  onTakenBack,
}: {
  readonly sessionId: SessionId;
  readonly onTakenBack: (text: string) => void;
}) {
  const { acts } = usePhoneWorld();
  const outbox = usePhone((state) => state.outbox);
  const own = outbox.filter((entry) => entry.sessionId === sessionId);
  if (own.length === 0) return null;
  return (
    <ul role="list" className="outbox" aria-label={t.outbox}>
      {own.map((entry) => (
        <li key={entry.commandId} className={`outbox-item outbox-${entry.state}`}>
          <Icon name={entry.state === 'refused' ? 'alert' : 'clock'} />
          <span className="outbox-words">
            <span className="outbox-text">{wordsOf(entry.prompt)}</span>
            <span className="outbox-state" role="status">
              {stateWords(entry)}
            </span>
          </span>
          {entry.state === 'refused' && (
            <Button look="quiet" onClick={() => void acts.cancelQueued(entry.commandId)}>
              {t.putAway}
            </Button>
          )}
          {entry.state !== 'sending' && (
            <Button
              look="quiet"
              onClick={() => {
                void acts.cancelQueued(entry.commandId);
                onTakenBack(textOf(entry.prompt));
              }}
            >
              {entry.state === 'refused' ? t.writeAgain : t.takeBack}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function stateWords({ state, problem }: OutboxEntry): string {
  if (state === 'sending') return t.sending;
  return state === 'waiting' ? t.waits : `${t.refused} ${problem ?? ''}`;
}

function wordsOf(prompt: readonly PromptPart[]): string {
  return prompt
    .map((part) =>
      part.type === 'text'
        ? part.text
        : part.type === 'image'
          ? `[${en.composer.image(1)}]`
          : part.name,
    )
    .join(' ');
}

function textOf(prompt: readonly PromptPart[]): string {
  return prompt
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('\n')
    .trim();
}
