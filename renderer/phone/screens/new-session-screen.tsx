import { useEffect, useState } from 'react';
import type { Result } from '../../../src/protocol/methods.ts';
import { AgentList } from '../../features/new-session/agent-list.tsx';
import { FolderBrowser } from '../../features/new-session/folder-browser.tsx';
import { ModeChoice } from '../../features/new-session/mode-choice.tsx';
import { Starting } from '../../features/new-session/starting.tsx';
import { useStart } from '../../features/new-session/use-start.ts';
import { Workplace } from '../../features/new-session/workplace.tsx';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { phone } from '../../strings/phone.ts';
import { later } from '../../strings/phone-later.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Screen } from '../shell/screen.tsx';
import '../../features/new-session/new-session.css';
import './more.css';

const t = later.start;

/** Starts a session in a recent folder, or in one below what the owner allows. */
export function NewSessionScreen() {
  const mayStart = useMay('operator');
  return mayStart ? (
    <Form />
  ) : (
    <Screen title={t.title}>
      <p className="soft">{t.needsOperator}</p>
    </Screen>
  );
}

function Form() {
  const start = useStart({});
  const isUp = useHost((host) => host.link.kind === 'up');
  const isDemo = start.isDemoDefault && start.chosen === 'demo';
  const canGo = isUp && start.folder !== '' && start.isUsable && !start.busy;
  return (
    <Screen
      title={t.title}
      foot={
        <div className="foot-bar">
          {start.known !== null && <Starting known={start.known} inWorktree={start.inWorktree} />}
          <Button
            look="decide"
            className="foot-main"
            disabled={!canGo}
            onClick={() => void start.go()}
          >
            {start.busy ? en.start.going : isDemo ? en.start.demo : en.start.go}
          </Button>
        </div>
      }
    >
      {!isUp && (
        <p className="soft" role="status">
          {t.needsLink}
        </p>
      )}
      {start.problem !== null && (
        <p className="field-problem" role="alert">
          {start.problem}
        </p>
      )}
      <div className="start-form">
        <FolderChoice folder={start.folder} onFolder={start.setFolder} />
        <Workplace
          look={start.look}
          isolate={start.isolate}
          isShared={start.share}
          onIsolate={start.setIsolate}
          onShare={start.setShare}
        />
        {start.agents === null ? (
          <p className="soft">{en.start.looking}</p>
        ) : (
          <AgentList agents={start.agents} chosen={start.chosen} onChoose={start.setPicked} />
        )}
        <ModeChoice modes={start.modes} mode={start.mode} onMode={start.setMode} />
        <label className="field">
          <span className="field-label">
            {en.start.prompt} <span className="field-required">({en.start.optional})</span>
          </span>
          <textarea
            className="input"
            rows={3}
            value={start.prompt}
            placeholder={en.start.promptHint}
            onChange={(event) => start.setPrompt(event.target.value)}
          />
        </label>
      </div>
    </Screen>
  );
}

/** Where the host lets this phone start one: recent folders first, then what lies below the allowed ones. */
function FolderChoice({
  folder,
  onFolder,
}: {
  readonly folder: string;
  readonly onFolder: (folder: string) => void;
}) {
  const places = usePlaces();
  const [isChoosing, setChoosing] = useState(true);
  const [root, setRoot] = useState<string | null>(null);
  const choose = (found: string): void => {
    onFolder(found);
    setRoot(null);
    setChoosing(false);
  };
  if (!isChoosing && folder !== '')
    return (
      <div className="field">
        <span className="field-label">{t.where}</span>
        <div className="place-chosen">
          <span className="code">{folder}</span>
          <Button onClick={() => setChoosing(true)}>{t.change}</Button>
        </div>
      </div>
    );
  return (
    <div className="field">
      <span className="field-label">{t.where}</span>
      {typeof places === 'string' && (
        <p className="field-problem" role="alert">
          {places}
        </p>
      )}
      {places === null && (
        <p className="soft" role="status">
          {phone.session.loading}
        </p>
      )}
      {places !== null && typeof places !== 'string' && (
        <>
          {places.recent.length === 0 && places.roots.length === 0 && (
            <p className="soft">{t.noPlaces}</p>
          )}
          <Places label={t.recent} folders={places.recent} icon="clock" onChoose={choose} />
          <Places label={t.roots} folders={places.roots} icon="folder" onChoose={setRoot} />
          {root !== null && <FolderBrowser key={root} start={root} onChoose={choose} />}
        </>
      )}
    </div>
  );
}

interface PlacesProps {
  readonly label: string;
  readonly folders: readonly string[];
  readonly icon: 'clock' | 'folder';
  readonly onChoose: (folder: string) => void;
}

function Places({ label, folders, icon, onChoose }: PlacesProps) {
  if (folders.length === 0) return null;
  return (
    <>
      <h2 className="places-title">{label}</h2>
      <ul role="list" className="places">
        {folders.map((folder) => (
          <li key={folder}>
            <button type="button" onClick={() => onChoose(folder)}>
              <Icon name={icon} />
              <span className="place-name">
                {folder.split(/[\\/]/).filter(Boolean).at(-1) ?? folder}
                <span className="place-path">{folder}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** null while it is asked; words when it could not be. */
function usePlaces(): Result<'folder.places'> | string | null {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [places, setPlaces] = useState<Result<'folder.places'> | string | null>(null);
  useEffect(() => {
    if (!isUp) return;
    let isCurrent = true;
    link.call('folder.places', {}).then(
      (found) => isCurrent && setPlaces(found),
      (error: unknown) =>
        isCurrent && setPlaces(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [link, isUp]);
  return places;
}
