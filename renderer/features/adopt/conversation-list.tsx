import type { Conversation } from '../../../src/protocol/methods.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { ageOf, wholeTime } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';

const t = en.adopt;
const AGE_EVERY_MS = 30_000;

export interface ConversationListProps {
  readonly rows: readonly Conversation[];
  readonly chosen: Conversation | null;
  readonly onChoose: (row: Conversation) => void;
}

/** Newest first, as the agent has them; one that goes on here already is opened instead. */
export function ConversationList({ rows, chosen, onChoose }: ConversationListProps) {
  const { acts } = useWorld();
  const nowMs = useNow(AGE_EVERY_MS);
  return (
    <fieldset className="adopt-list">
      <legend className="unseen">{t.conversations}</legend>
      {rows.map((row) => (
        <div key={row.agentSession} className="adopt-row">
          <label>
            <input
              type="radio"
              name="conversation"
              checked={row.agentSession === chosen?.agentSession}
              disabled={row.sessionId !== null}
              onChange={() => onChoose(row)}
            />
            <span className="adopt-words">
              <span className="adopt-title">{row.title || t.untitled}</span>
              <span className="adopt-where code" title={row.cwd}>
                {row.cwd}
              </span>
            </span>
            <span
              className="adopt-age"
              title={row.updatedAt === null ? undefined : wholeTime(row.updatedAt)}
            >
              {row.updatedAt === null ? t.noAge : ageOf(row.updatedAt, nowMs)}
            </span>
          </label>
          {row.sessionId !== null && (
            <Button
              look="quiet"
              aria-label={`${t.here}. ${t.open}: ${row.title || t.untitled}`}
              title={t.here}
              onClick={() => row.sessionId !== null && acts.show(row.sessionId)}
            >
              {t.open}
            </Button>
          )}
        </div>
      ))}
    </fieldset>
  );
}
