import { useEffect, useMemo, useRef, useState } from 'react';
import type { Conversation } from '../../../src/protocol/methods.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { closeOverlay, showToast } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ConversationList } from './conversation-list.tsx';
import { ShareTick } from '../new-session/share-tick.tsx';
import { useFolderLook } from '../new-session/use-folder-look.ts';
import '../../ui/field.css';
import './adopt.css';

const t = en.adopt;
/** More rows than this are found by writing, not by scrolling. */
const MAX_ROWS = 200;

type Listing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'listed'; readonly conversations: readonly Conversation[] }
  | { readonly kind: 'failed'; readonly message: string };

const LOADING: Listing = { kind: 'loading' };

/** Goes on with a conversation that was begun in a plain terminal. */
export function Adopt() {
  const { acts } = useWorld();
  const agents = useHost((host) => host.agents);
  const found = agents?.filter((agent) => agent.found && agent.id !== 'demo') ?? [];
  const all = found.length > 0 ? found : (agents?.filter((agent) => agent.found) ?? []);
  const [picked, setPicked] = useState<string | null>(null);
  const agent = picked ?? all[0]?.id ?? null;
  const name = all.find(({ id }) => id === agent)?.name ?? agent ?? '';
  const [round, setRound] = useState(0);
  const asked = `${round} ${agent ?? ''}`;
  const [answer, setAnswer] = useState<{ asked: string; listing: Listing } | null>(null);
  const listing = answer?.asked === asked ? answer.listing : LOADING;
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<Conversation | null>(null);
  const [share, setShare] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);

  useEffect(() => {
    if (agent === null) return;
    let isCurrent = true;
    const tell = (told: Listing): void => {
      if (isCurrent) setAnswer({ asked, listing: told });
    };
    acts.conversations({ agent }).then(
      ({ conversations }) => tell({ kind: 'listed', conversations }),
      (error: unknown) => tell({ kind: 'failed', message: messageOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [acts, agent, asked]);

  const rows = useMemo(
    () => (listing.kind === 'listed' ? fitting(listing.conversations, typed) : []),
    [listing, typed],
  );
  const look = useFolderLook(chosen?.cwd ?? '');
  const isTaken = (look?.sessions.length ?? 0) > 0;
  const mayGo = chosen !== null && chosen.sessionId === null && !busy && (!isTaken || share);

  const go = async (): Promise<void> => {
    if (chosen === null || agent === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const { agentSession, cwd } = chosen;
      const sessionId = await acts.adopt({ agent, agentSession, cwd, share: isTaken && share });
      if (isOpen.current) acts.show(sessionId);
    } catch (error) {
      if (!isOpen.current) return showToast(`${t.failed} ${messageOf(error)}`);
      setProblem(`${t.failed} ${messageOf(error)}`);
      setBusy(false);
    }
  };

  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <form
        className="dialog-body adopt"
        onSubmit={(event) => {
          event.preventDefault();
          if (mayGo) void go();
        }}
      >
        <p className="field-hint">{t.body}</p>
        {agents !== null && all.length === 0 ? (
          <p role="status">{t.noAgents}</p>
        ) : (
          <div className="adopt-find">
            <label className="field">
              <span className="field-label">{t.agent}</span>
              <select
                className="select"
                value={agent ?? ''}
                disabled={busy}
                data-first-focus
                onChange={(event) => {
                  setPicked(event.target.value);
                  setChosen(null);
                  setProblem(null);
                }}
              >
                {all.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </select>
            </label>
            <label className="field adopt-typed">
              <span className="field-label">{t.find}</span>
              <input
                className="input"
                type="search"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </label>
          </div>
        )}
        {agent !== null && listing.kind === 'loading' && (
          <div className="adopt-wait" role="status">
            <progress aria-label={t.loading(name)} />
            <p>{t.loading(name)}</p>
          </div>
        )}
        {listing.kind === 'failed' && (
          <div role="alert">
            <p className="field-problem">
              {t.listFailed} {listing.message}
            </p>
            <Button onClick={() => setRound(round + 1)}>{en.app.tryAgain}</Button>
          </div>
        )}
        {listing.kind === 'listed' &&
          (rows.length === 0 ? (
            <p className="side-none" role="status">
              {listing.conversations.length === 0 ? t.none : t.nothingFits}
            </p>
          ) : (
            <ConversationList
              rows={rows.slice(0, MAX_ROWS)}
              chosen={chosen}
              onChoose={(row) => {
                setChosen(row);
                setShare(false);
                setProblem(null);
              }}
            />
          ))}
        {rows.length > MAX_ROWS && <p className="side-none">{t.more(rows.length - MAX_ROWS)}</p>}
        {chosen !== null && look !== null && isTaken && (
          <ShareTick sessions={look.sessions} isShared={share} onShare={setShare} />
        )}
        {problem !== null && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-acts">
          <Button look="quiet" shortcut="Esc" onClick={closeOverlay}>
            {en.app.cancel}
          </Button>
          <Button look="decide" type="submit" disabled={!mayGo}>
            {busy ? t.going : t.go}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Every word typed is in the title or the folder. */
function fitting(conversations: readonly Conversation[], typed: string): readonly Conversation[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return conversations;
  return conversations.filter(({ title, cwd }) => {
    const text = `${title} ${cwd}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
