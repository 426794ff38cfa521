import { useEffect, useId, useState } from 'react';
import { MAX_TITLE_CHARS } from '../../../src/protocol/limits.ts';
import { useWorld } from '../../state/host-context.tsx';
import { closeOverlay, openOverlay, type NewSessionPreset } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { AgentList } from './agent-list.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { FolderBrowser } from './folder-browser.tsx';
import { Starting } from './starting.tsx';
import { useStart } from './use-start.ts';
import { Workplace } from './workplace.tsx';
import '../../ui/field.css';
import './new-session.css';

const t = en.start;
const MAX_RECENT = 6;

export function NewSession({ preset }: { readonly preset: NewSessionPreset }) {
  const { bridge } = useWorld();
  const [browsing, setBrowsing] = useState(false);
  const [recent, setRecent] = useState<readonly string[]>([]);
  const ids = useId();
  useEffect(() => {
    bridge?.call('recentFolders', {}).then(setRecent, () => {});
  }, [bridge]);
  const start = useStart(preset);
  const { folder, setFolder, agents, chosen, busy, isDemoDefault, isUsable, known } = start;
  const suggested = recent.length > 0 ? recent : start.folders;

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

  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && isUsable) void start.go();
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
          look={start.look}
          isolate={start.isolate}
          isShared={start.share}
          onIsolate={start.setIsolate}
          onShare={start.setShare}
        />
        {agents === null ? (
          <p className="side-none">{t.looking}</p>
        ) : (
          <AgentList agents={agents} chosen={chosen} onChoose={start.setPicked} />
        )}
        <ModeChoice modes={start.modes} mode={start.mode} onMode={start.setMode} />
        <div className="start-words">
          <label className="field">
            <span className="field-label">
              {t.prompt} <span className="field-required">({t.optional})</span>
            </span>
            <textarea
              className="input"
              rows={2}
              value={start.prompt}
              placeholder={t.promptHint}
              onChange={(event) => start.setPrompt(event.target.value)}
            />
          </label>
          <label className="field">
            <span className="field-label">
              {t.titleField} <span className="field-required">({t.optional})</span>
            </span>
            <input
              className="input"
              value={start.title}
              maxLength={MAX_TITLE_CHARS}
              onChange={(event) => start.setTitle(event.target.value)}
            />
          </label>
        </div>
        {start.problem !== null && (
          <p className="field-problem" role="alert">
            {start.problem}
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
            <Starting known={known} inWorktree={start.inWorktree} />
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
