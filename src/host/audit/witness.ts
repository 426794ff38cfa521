import { hash } from 'node:crypto';
import type { SessionId } from '../../protocol/ids.ts';
import type { EventBody } from '../../protocol/session/events.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import { canonicalValue } from './plain-json.ts';
import type { Audit, AuditTx } from './trail.ts';

/** Where more of a prompt is to be kept than this, the rest is told by its hash. */
const MAX_PROMPT_CHARS = 64 * 1024;

export interface WitnessNeeds {
  readonly audit: Audit;
  /** What is kept of a prompt. */
  prompts(): 'hash' | 'text';
}

/** What the audit log has to tell of the events of sessions, in the transaction that appends them. */
export function witness({ audit, prompts }: WitnessNeeds) {
  return (tx: AuditTx, session: SessionId, event: EventBody): void => {
    if (event.type === 'session.created') {
      const { agent, cwd, mode, by, adopts } = event;
      const what = { session, agent, cwd, mode, ...(adopts !== undefined && { adopts }) };
      audit.append(tx, { kind: 'sessionStarted', who: audit.who(by), what });
    }
    if (event.type === 'mode.changed') {
      const { mode, native, by, undoes } = event;
      const what = { session, mode, native, ...(undoes !== undefined && { undoes }) };
      audit.append(tx, { kind: 'modeChanged', who: audit.who(by), what });
    }
    // One that expired is told by the desk, which knows the call.
    if (event.type === 'approval.closed' && event.reason !== 'expired') {
      const { approvalId: approval, reason } = event;
      audit.append(tx, {
        kind: 'closed',
        who: audit.who(BY_HOST),
        what: { session, approval, reason },
      });
    }
    if (event.type === 'prompt.queued') {
      const { commandId: command, prompt, by } = event;
      const what = { session, command, ...aboutPrompt(prompt, prompts()) };
      audit.append(tx, { kind: 'prompted', who: audit.who(by), what });
    }
  };
}

/** The hash is over the canonical JSON of the parts, as `prompt.queued` has them. */
function aboutPrompt(prompt: readonly PromptPart[], keep: 'hash' | 'text'): object {
  const sha256 = hash('sha256', canonicalValue(prompt), 'hex');
  if (keep === 'hash') return { sha256 };
  const text = prompt
    .map((part) => (part.type === 'text' ? part.text : `[${part.type}]`))
    .join('\n');
  return { sha256, text: text.slice(0, MAX_PROMPT_CHARS) };
}
