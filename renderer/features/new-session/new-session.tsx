import { useEffect, useId, useRef, useState } from 'react';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { MODES, type Mode } from '../../../src/protocol/mode.ts';
import { isInside } from '../../../src/protocol/session/sharing.ts';
import { MAX_TITLE_CHARS } from '../../../src/protocol/limits.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import {
  closeOverlay,
  openOverlay,
  showToast,
  type NewSessionPreset,
} from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { AgentList } from './agent-list.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { FolderBrowser } from './folder-browser.tsx';
import { Starting } from './starting.tsx';
import { isAbsolute, useFolderLook } from './use-folder-look.ts';
import { Workplace, type Isolate } from './workplace.tsx';
import '../../ui/field.css';
import './new-session.css';

const t = en.start;
const MAX_RECENT = 6;

export function NewSession({ preset }: { readonly preset: NewSessionPreset }) {
  const { acts, bridge, link } = useWorld();
  const agents = useHost((host) => host.agents);
  const sessions = useHost((host) => host.sessions);
  const [folder, setFolder] = useState(preset.folder ?? '');
  const [browsing, setBrowsing] = useState(false);
  const [recent, setRecent] = useState<readonly string[]>([]);
  const [picked, setPicked] = useState<string | null>(preset.agent ?? null);
  const [mode, setMode] = useState<Mode>(MODES.find((one) => one === preset.mode) ?? 'ask');
  const [title, setTitle] = useState('');
  const [prompt, setPrompt] = useState('');
  const [isolate, setIsolate] = useState<Isolate>('worktree');
  const [share, setShare] = useState(false);
  /** Sessions there were before the start; null while none is under way. */
  const [known, setKnown] = useState<ReadonlySet<SessionId> | null>(null);
  const isOpen = useRef(true);
  const [problem, setProblem] = useState<string | null>(null);
  const ids = useId();

  useEffect(() => {
    link
      .loadAgents()
      .catch((error: unknown) =>
        setProblem(error instanceof Error ? error.message : String(error)),
      );
    bridge?.call('recentFolders', {}).then(setRecent, () => {});
  }, [link, bridge]);

  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);

  const look = useFolderLook(folder.trim());
  const inWorktree = look?.git != null && isolate === 'worktree';
  const isTaken = look !== null && !inWorktree && look.sessions.length > 0;
  const busy = known !== null;
  const suggested =
    recent.length > 0
      ? recent
      : [
          ...new Set(
            sessions
              .filter(({ cwd, worktree }) => worktree === null || !isInside(cwd, worktree))
              .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
              .map(({ cwd }) => cwd),
          ),
        ];
  const real = agents?.filter(({ id, found }) => found && id !== 'demo') ?? [];
  const demo = agents?.find(({ id }) => id === 'demo');
  const isDemoDefault = agents !== null && real.length === 0 && demo?.found === true;
  const chosen = picked ?? real[0]?.id ?? (isDemoDefault ? 'demo' : null);
  const entry = agents?.find(({ id }) => id === chosen);
  const modes = MODES.filter((one) => entry === undefined || entry.modes.includes(one));
  const isUsable = entry?.found === true;

  const pick = async (): Promise<void> => {
    if (bridge === null) return setBrowsing(true);
    try {
      const found = await bridge.call('pickFolder', folder === '' ? {} : { start: folder });
      if (found !== null) setFolder(found);
    } catch {
      // A system without a folder dialog still has folders.
      setBrowsing(true);
    }
  };
  const start = async (): Promise<void> => {
    const cwd = folder.trim();
    if (cwd === '') return setProblem(t.needFolder);
    if (!isAbsolute(cwd)) return setProblem(t.absolute);
    if (isTaken && !share) return setProblem(en.workplace.needShare);
    setKnown(new Set(sessions.map(({ id }) => id)));
    setProblem(null);
    try {
      const sessionId = await acts.start({
        cwd,
        agent: chosen ?? undefined,
        mode: modes.includes(mode) ? mode : 'ask',
        // Not looked at yet: the host's own default holds.
        ...(look !== null && { isolate: inWorktree ? 'worktree' : 'none' }),
        share: isTaken && share,
        ...(title.trim() !== '' && { title: title.trim() }),
        ...(prompt.trim() !== '' && { prompt: [{ type: 'text' as const, text: prompt.trim() }] }),
      });
      // Who went on to something else stays there.
      if (isOpen.current) acts.show(sessionId);
    } catch (error) {
      const words = `${t.failed} ${error instanceof Error ? error.message : String(error)}`;
      if (!isOpen.current) return showToast(words);
      setProblem(words);
      setKnown(null);
    }
  };

  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && isUsable) void start();
        }}
      >
        {isDemoDefault && <p className="start-demo">{t.demoBody}</p>}
        <div className="field">
          <label className="field-label" htmlFor={`${ids}-folder`}>
            {t.folder}
          </label>
          <div className="start-folder">
            <input
              id={`${ids}-folder`}
              className="input code"
              value={folder}
              data-first-focus
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setFolder(event.target.value)}
            />
            <Button
              aria-expanded={bridge === null ? browsing : undefined}
              onClick={() => (browsing ? setBrowsing(false) : void pick())}
            >
              {bridge === null ? t.browse : t.pick}
            </Button>
          </div>
          {browsing && (
            <FolderBrowser
              start={folder}
              onChoose={(found) => {
                setFolder(found);
                setBrowsing(false);
              }}
            />
          )}
          {!browsing && suggested.length > 0 && (
            <ul role="list" className="recent" aria-label={t.recent}>
              {suggested.slice(0, MAX_RECENT).map((one) => (
                <li key={one}>
                  <button
                    type="button"
                    title={one}
                    aria-pressed={one === folder}
                    onClick={() => setFolder(one)}
                  >
                    {one.split(/[\\/]/).filter(Boolean).at(-1) ?? one}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
        <Workplace
          look={look}
          isolate={isolate}
          isShared={share}
          onIsolate={setIsolate}
          onShare={setShare}
        />
        {agents === null ? (
          <p className="side-none">{t.looking}</p>
        ) : (
          <AgentList agents={agents} chosen={chosen} onChoose={setPicked} />
        )}
        <ModeChoice modes={modes} mode={modes.includes(mode) ? mode : 'ask'} onMode={setMode} />
        <div className="start-words">
          <label className="field">
            <span className="field-label">
              {t.prompt} <span className="field-required">({t.optional})</span>
            </span>
            <textarea
              className="input"
              rows={2}
              value={prompt}
              placeholder={t.promptHint}
              onChange={(event) => setPrompt(event.target.value)}
            />
          </label>
          <label className="field">
            <span className="field-label">
              {t.titleField} <span className="field-required">({t.optional})</span>
            </span>
            <input
              className="input"
              value={title}
              maxLength={MAX_TITLE_CHARS}
              onChange={(event) => setTitle(event.target.value)}
            />
          </label>
        </div>
        {problem !== null && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-acts">
          {known === null ? (
            <Button
              look="quiet"
              className="start-adopt"
              onClick={() => openOverlay({ name: 'adopt' })}
            >
              {en.adopt.entry}
            </Button>
          ) : (
            <Starting known={known} inWorktree={inWorktree} />
          )}
          <Button look="quiet" shortcut="Esc" onClick={closeOverlay}>
            {busy ? en.workplace.leave : en.app.cancel}
          </Button>
          <Button look="decide" type="submit" disabled={busy || !isUsable}>
            {busy ? t.going : isDemoDefault && chosen === 'demo' ? t.demo : t.go}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
