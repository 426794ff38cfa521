import type { SessionId } from '../../../src/protocol/ids.ts';
import type { PromptPart } from '../../../src/protocol/transcript/content.ts';
import { en } from '../../strings/en.ts';
import { later } from '../../strings/phone-later.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { usePhone, usePhoneWorld, type OutboxEntry } from '../phone-world.ts';

const t = later.session;
/** From the next day on the time of yesterday needs its date. */
const CLOCK_EVERY_MS = 60_000;

/** What was written here and the host does not have yet. What is at the relay is not to be had back from there. */
export function OutboxList({
  sessionId,
  onTakenBack,
}: {
  readonly sessionId: SessionId;
  readonly onTakenBack: (text: string) => void;
}) {
  const { acts } = usePhoneWorld();
  const outbox = usePhone((state) => state.outbox);
  const nowMs = useNow(CLOCK_EVERY_MS);
  const own = outbox.filter((entry) => entry.sessionId === sessionId);
  if (own.length === 0) return null;
  return (
    <ul role="list" className="outbox" aria-label={t.outbox}>
      {own.map((entry) => (
        <li key={entry.commandId} className={`outbox-item outbox-${entry.state}`}>
          <Icon name={ICONS[entry.state]} />
          <span className="outbox-words">
            <span className="outbox-text">{wordsOf(entry.prompt)}</span>
            <span className="outbox-state" role="status">
              {stateWords(entry, nowMs)}
            </span>
          </span>
          {entry.state === 'refused' && (
            <Button look="quiet" onClick={() => void acts.cancelQueued(entry.commandId)}>
              {t.putAway}
            </Button>
          )}
          {(entry.state === 'waiting' || entry.state === 'refused') && (
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

const ICONS = {
  waiting: 'clock',
  left: 'check',
  mayBeLeft: 'clock',
  sending: 'clock',
  refused: 'alert',
} as const;

function stateWords({ state, problem, leftAtMs }: OutboxEntry, nowMs: number): string {
  if (state === 'sending') return t.sending;
  if (state === 'left') return t.left(clockOf(new Date(leftAtMs ?? nowMs).toISOString(), nowMs));
  if (state === 'mayBeLeft') return t.mayBeLeft;
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
