import { useState } from 'react';
import { MAX_PROMPT_BYTES } from '../../../src/protocol/limits.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { PromptPart, SlashCommand } from '../../../src/protocol/transcript/content.ts';
import { NO_DRAFT, type Draft, type DraftImage } from '../../state/drafts.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { sizeOf } from '../../ui/time.ts';
import { isOverCap, matchingCommands, promptBytes, promptParts } from './prompt-parts.ts';

const t = en.composer;

export interface ComposerState {
  readonly draft: Draft;
  readonly parts: readonly PromptPart[];
  /** The agent is at work: what is sent now goes into the queue. */
  readonly isBusy: boolean;
  /** The session does not run: nothing can be sent. */
  readonly isOut: boolean;
  readonly isOver: boolean;
  readonly canSend: boolean;
  readonly matches: readonly SlashCommand[];
  /** What is wrong, in words; null when nothing is. */
  readonly problem: string | null;
  change(next: Draft): void;
  /** Onto the newest draft, which may have changed while the pictures were read. */
  addImages(images: readonly DraftImage[]): void;
  takeBack(text: string): void;
  say(problem: string | null): void;
  hideMatches(): void;
  send(): Promise<void>;
}

/** A message to a session, from the first letter until it is sent; its looks are somebody else's. */
export function useComposerState(state: SessionState): ComposerState {
  const { acts, drafts: store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [draft, setDraft] = useState<Draft>(() => store.get(state.id));
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [dismissed, setDismissed] = useState(false);
  const parts = promptParts(draft);
  const isOver = isOverCap(parts);
  const isBusy =
    state.state === 'working' || state.state === 'waiting' || state.state === 'starting';
  const isOut = state.state === 'ended' || state.state === 'failed';
  const canSend = parts.length > 0 && !isOver && !sending && (isUp || acts.sendsLater) && !isOut;

  const change = (next: Draft): void => {
    setDraft(next);
    store.set(state.id, next);
    setProblem(null);
    setDismissed(false);
  };
  return {
    draft,
    parts,
    isBusy,
    isOut,
    isOver,
    canSend,
    matches: dismissed ? [] : matchingCommands(draft.text, state.commands),
    problem: isOver ? t.tooLarge(sizeOf(promptBytes(parts)), sizeOf(MAX_PROMPT_BYTES)) : problem,
    change,
    addImages: (images) => {
      const latest = store.get(state.id);
      change({ ...latest, images: [...latest.images, ...images] });
    },
    takeBack: (text) => {
      const latest = store.get(state.id);
      change({ ...latest, text: [text, latest.text].filter(Boolean).join('\n') });
    },
    say: setProblem,
    hideMatches: () => setDismissed(true),
    send: async () => {
      if (!canSend) return;
      setSending(true);
      try {
        await acts.send(state.id, parts);
        change(NO_DRAFT);
      } catch (error) {
        setProblem(`${t.notSent} ${error instanceof Error ? error.message : String(error)}`);
      }
      setSending(false);
    },
  };
}
