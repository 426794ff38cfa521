import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useHost, useView, useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { isMac } from '../keyboard/platform.ts';
import { keysOf, type ShortcutName } from '../keyboard/shortcuts.ts';
import { StateMark } from '../sessions/state-mark.tsx';
import { commandsFor, matching, type Command } from './commands.ts';
import './palette.css';

const t = en.palette;

export function Palette({ onAct }: { readonly onAct: (name: ShortcutName) => void }) {
  const { acts } = useWorld();
  const sessions = useHost((host) => host.sessions);
  const isSession = useView((view) => view.screen.name === 'session');
  const state = useHost((host) => (isSession ? (host.open?.state ?? null) : null));
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(
    () => matching(commandsFor(state, sessions), typed),
    [state, sessions, typed],
  );
  const current = Math.min(chosen, found.length - 1);
  useEffect(() => {
    list.current?.children[current]?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    closeOverlay();
    // After the dialog has given the focus back, so that the command may move it on.
    if (command.kind === 'session') acts.show(command.session.id);
    else setTimeout(() => onAct(command.name), 0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) setChosen((current + step + found.length) % found.length);
    else if (event.key === 'Enter') run(found[current]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large" hideTitle>
      <div className="palette">
        <input
          className="palette-input"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
          aria-autocomplete="list"
          aria-label={t.placeholder}
          placeholder={t.placeholder}
          value={typed}
          data-first-focus
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        {found.length === 0 && (
          <p className="palette-none" role="status">
            {t.none}
          </p>
        )}
        <ul
          className="palette-list"
          role="listbox"
          id={`${id}-list`}
          aria-label={t.title}
          ref={list}
        >
          {found.map((command, i) => (
            <li
              key={command.kind === 'act' ? command.name : command.session.id}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === current}
              onClick={() => run(command)}
              onMouseMove={() => i !== current && setChosen(i)}
            >
              {command.kind === 'session' && <StateMark session={command.session} />}
              <span className="palette-words">{command.words}</span>
              {command.kind === 'act' ? (
                <Keys name={command.name} />
              ) : (
                <span className="palette-kind">{en.sessions.states[command.session.state]}</span>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

export function Keys({ name }: { readonly name: ShortcutName }) {
  return (
    <span className="keys">
      {keysOf(name, isMac()).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function ShortcutSheet() {
  return (
    <Dialog title={t.shortcutsTitle} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <div className="dialog-body">
        <dl className="shortcuts" tabIndex={0} data-first-focus>
          {(Object.keys(t.shortcuts) as ShortcutName[]).map((name) => (
            <div key={name}>
              <dt>{t.shortcuts[name]}</dt>
              <dd>
                <Keys name={name} />
              </dd>
            </div>
          ))}
          {t.also.map(([keys, words]) => (
            <div key={keys}>
              <dt>{words}</dt>
              <dd>
                <span className="keys">
                  {keys.split(' ').map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
