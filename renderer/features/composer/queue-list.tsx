import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';

const t = en.composer;

/** Prompts that wait for their turn; each can be taken back into the message box. */
export function QueueList({
  state,
  onTakenBack,
}: {
  readonly state: SessionState;
  /** Absent: they are only shown. */
  readonly onTakenBack?: (text: string) => void;
}) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  if (state.queue.length === 0) return null;
  return (
    <div className="queue">
      <ol role="list" aria-label={t.queued}>
        {state.queue.map(({ commandId, prompt }, i) => {
          const text = prompt
            .map((part) =>
              part.type === 'text'
                ? part.text
                : part.type === 'image'
                  ? `[${t.image(1)}]`
                  : part.name,
            )
            .join(' ');
          return (
            <li key={commandId} className="queue-item">
              <span className="queue-no">{i + 1}</span>
              <span className="queue-text">{text}</span>
              {onTakenBack !== undefined && (
                <Button
                  look="quiet"
                  disabled={!isUp}
                  aria-label={`${t.takeBack}: ${text.slice(0, 80)}`}
                  onClick={() => {
                    void acts.unqueue(state.id, commandId);
                    onTakenBack(
                      prompt
                        .map((part) => (part.type === 'text' ? part.text : ''))
                        .join('\n')
                        .trim(),
                    );
                  }}
                >
                  {t.takeBack}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
