import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { MAX_PROMPT_BYTES } from '../../../src/protocol/limits.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { sizeOf } from '../../ui/time.ts';
import { withKeys } from '../keyboard/platform.ts';
import { CommandList } from './command-list.tsx';
import type { Draft } from '../../state/drafts.ts';
import { useComposerState } from './composer-state.ts';
import { base64Of, IMAGE_TYPES } from './prompt-parts.ts';
import { QueueList } from './queue-list.tsx';
import './composer.css';

const t = en.composer;
const MAX_HEIGHT_PX = 220;

/** The message box. Enter sends, Shift Enter breaks the line, Esc stops the turn. */
export function Composer({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const composer = useComposerState(state);
  const { draft, isBusy, isOut, isOver, canSend, matches, problem, send } = composer;
  const [choice, setChoice] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const listId = useId();
  useLayoutEffect(() => fit(box.current), [draft.text]);
  const change = (next: Draft): void => {
    composer.change(next);
    setChoice(0);
  };
  // Not into view: in a short window what needs the person stands above.
  useEffect(() => box.current?.focus({ preventScroll: true }), []);

  const add = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    if (!state.accepts.images) return composer.say(t.noImages);
    const wrong = files.find(({ type }) => !IMAGE_TYPES.includes(type));
    if (wrong !== undefined) return composer.say(t.notAnImage(wrong.name));
    const tooLarge = files.find(({ size }) => size > MAX_PROMPT_BYTES);
    if (tooLarge !== undefined)
      return composer.say(t.tooLarge(sizeOf(tooLarge.size), sizeOf(MAX_PROMPT_BYTES)));
    const images = await Promise.all(
      files.map(async (file) => ({
        name: file.name,
        mimeType: file.type,
        data: await base64Of(file),
      })),
    );
    composer.addImages(images);
    box.current?.focus();
  };
  const choose = (name: string): void => {
    change({ ...draft, text: `/${name} ` });
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    const current = matches[Math.min(choice, matches.length - 1)];
    if (current !== undefined && plain) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        return setChoice((choice + step + matches.length) % matches.length);
      }
      if (event.key === 'Tab' || (event.key === 'Enter' && draft.text !== `/${current.name}`)) {
        event.preventDefault();
        return choose(current.name);
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        return composer.hideMatches();
      }
    }
    if (event.key === 'Enter' && plain) {
      event.preventDefault();
      return void send();
    }
    if (event.key === 'Escape' && isBusy) {
      event.preventDefault();
      void acts.live(state.id, 'cancel');
    }
  };

  return (
    <div
      className="composer"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void add([...event.dataTransfer.files]);
      }}
    >
      <QueueList state={state} onTakenBack={composer.takeBack} />
      {matches.length > 0 && (
        <CommandList
          id={listId}
          commands={matches}
          chosen={Math.min(choice, matches.length - 1)}
          onChoose={choose}
        />
      )}
      <div className={`composer-box ${isOver ? 'composer-over' : ''}`}>
        {draft.images.length > 0 && (
          <ul role="list" className="thumbs">
            {draft.images.map((image, i) => (
              <li key={i}>
                <img
                  src={`data:${image.mimeType};base64,${image.data}`}
                  alt={image.name || t.image(i + 1)}
                />
                <IconButton
                  label={t.remove(image.name || t.image(i + 1))}
                  onClick={() =>
                    change({ ...draft, images: draft.images.filter((_, k) => k !== i) })
                  }
                >
                  <Icon name="close" />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <textarea
          id="composer"
          ref={box}
          rows={1}
          value={draft.text}
          aria-label={t.label}
          placeholder={isOut ? t.ended : isBusy ? t.busy : t.placeholder}
          aria-describedby={`${listId}-notes`}
          aria-invalid={isOver || undefined}
          {...(matches.length > 0 && {
            role: 'combobox',
            'aria-expanded': true,
            'aria-controls': listId,
            'aria-activedescendant': `${listId}-${Math.min(choice, matches.length - 1)}`,
            'aria-autocomplete': 'list' as const,
          })}
          onChange={(event) => change({ ...draft, text: event.target.value })}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const files = [...event.clipboardData.files];
            if (files.length === 0) return;
            event.preventDefault();
            void add(files);
          }}
        />
        <div className="composer-acts">
          {state.accepts.images && (
            <>
              <IconButton
                label={t.attach}
                id="attach"
                onClick={() => picker.current?.click()}
                {...withKeys('attach')}
              >
                <Icon name="image" />
              </IconButton>
              <input
                ref={picker}
                type="file"
                multiple
                accept={IMAGE_TYPES.join(',')}
                className="unseen"
                tabIndex={-1}
                aria-hidden="true"
                onChange={(event) => {
                  void add([...(event.target.files ?? [])]);
                  event.target.value = '';
                }}
              />
            </>
          )}
          <span className="composer-hint">{t.hint}</span>
          {isBusy && (
            <Button
              icon={<Icon name="stop" />}
              onClick={() => void acts.live(state.id, 'cancel')}
              {...withKeys('cancelTurn')}
            >
              {t.stop}
            </Button>
          )}
          <Button look="decide" disabled={!canSend} shortcut="Enter" onClick={() => void send()}>
            {isBusy ? t.queue : t.send}
          </Button>
        </div>
      </div>
      <p className="composer-problem" id={`${listId}-notes`} role="status">
        {problem}
      </p>
    </div>
  );
}

/** As high as its text, up to a limit. */
function fit(box: HTMLTextAreaElement | null): void {
  if (box === null) return;
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight, MAX_HEIGHT_PX)}px`;
}
