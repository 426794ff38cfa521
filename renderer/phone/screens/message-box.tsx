import { useId, useLayoutEffect, useRef } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useComposerState, type ComposerState } from '../../features/composer/composer-state.ts';
import { CommandList } from '../../features/composer/command-list.tsx';
import { QueueList } from '../../features/composer/queue-list.tsx';
import { usePictures, type Reading } from '../../features/composer/use-pictures.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { roleIn, useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { later } from '../../strings/phone-later.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { OutboxList } from './outbox-list.tsx';
import '../../features/composer/composer.css';

const t = later.session;
const MAX_LINES = 6;

/** Under the thumb: the message, its pictures, and stopping the agent, which is always in reach. */
export function MessageBox({ state }: { readonly state: SessionState }) {
  const mayWrite = useMay('operator');
  return mayWrite ? <Box state={state} /> : <MayNotWrite state={state} />;
}

function MayNotWrite({ state }: { readonly state: SessionState }) {
  const { knownRole } = useWorld();
  const role = useHost(({ link }) => roleIn(link, knownRole));
  return (
    <>
      <QueueList state={state} />
      <p className="box-may-not">{t.mayNotWrite(role)}</p>
    </>
  );
}

function Box({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const composer = useComposerState(state);
  const { draft, isBusy, isOut, canSend, matches, problem, change } = composer;
  const pictures = usePictures(composer, state.id);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const ids = useId();
  useLayoutEffect(() => fit(box.current), [draft.text]);
  return (
    <div className="box">
      <QueueList state={state} onTakenBack={composer.takeBack} />
      <OutboxList sessionId={state.id} onTakenBack={composer.takeBack} />
      {matches.length > 0 && (
        <CommandList
          id={ids}
          commands={matches}
          chosen={-1}
          onChoose={(name) => {
            change({ ...draft, text: `/${name} ` });
            box.current?.focus();
          }}
        />
      )}
      <Pictures composer={composer} reading={pictures.reading} onDrop={pictures.drop} />
      <p className="box-problem" role="status" id={`${ids}-problem`}>
        {problem}
      </p>
      <div className="box-row">
        {state.accepts.images && !isOut && (
          <>
            <IconButton label={t.picture} onClick={() => picker.current?.click()}>
              <Icon name="image" />
            </IconButton>
            <input
              ref={picker}
              type="file"
              multiple
              accept="image/*"
              className="unseen"
              tabIndex={-1}
              aria-hidden="true"
              onChange={(event) => {
                void pictures.add([...(event.target.files ?? [])]);
                event.target.value = '';
              }}
            />
          </>
        )}
        <textarea
          id="composer"
          ref={box}
          className="box-text"
          rows={1}
          value={draft.text}
          disabled={isOut}
          aria-label={t.box}
          aria-describedby={`${ids}-problem`}
          aria-invalid={composer.isOver || undefined}
          placeholder={isOut ? en.composer.ended : t.placeholder}
          onChange={(event) => change({ ...draft, text: event.target.value })}
        />
        {isBusy && composer.parts.length === 0 ? (
          <Button
            className="box-stop"
            icon={<Icon name="stop" />}
            disabled={!isUp}
            onClick={() => void acts.live(state.id, 'cancel')}
          >
            {t.stop}
          </Button>
        ) : (
          <>
            {isBusy && (
              <IconButton
                label={t.stop}
                className="box-stop-small"
                disabled={!isUp}
                onClick={() => void acts.live(state.id, 'cancel')}
              >
                <Icon name="stop" />
              </IconButton>
            )}
            <IconButton
              label={isBusy ? t.queue : t.send}
              className="box-send"
              disabled={!canSend || pictures.reading.length > 0}
              onClick={() => void composer.send()}
            >
              <Icon name="send" />
            </IconButton>
          </>
        )}
      </div>
    </div>
  );
}

function Pictures({
  composer,
  reading,
  onDrop,
}: {
  readonly composer: ComposerState;
  readonly reading: readonly Reading[];
  readonly onDrop: (id: number) => void;
}) {
  const { draft, change } = composer;
  if (draft.images.length === 0 && reading.length === 0) return null;
  return (
    <ul role="list" className="thumbs">
      {draft.images.map((image, i) => (
        <li key={i}>
          <img
            src={`data:${image.mimeType};base64,${image.data}`}
            alt={image.name || en.composer.image(i + 1)}
          />
          <IconButton
            label={en.composer.remove(image.name || en.composer.image(i + 1))}
            onClick={() => change({ ...draft, images: draft.images.filter((_, k) => k !== i) })}
          >
            <Icon name="close" />
          </IconButton>
        </li>
      ))}
      {reading.map(({ id, name }) => (
        <li key={`reading-${id}`} className="thumb-reading">
          <progress aria-label={t.reading(name)} />
          <IconButton label={en.composer.remove(name)} onClick={() => onDrop(id)}>
            <Icon name="close" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

/** As high as its text, up to a few lines; then it scrolls. */
function fit(box: HTMLTextAreaElement | null): void {
  if (box === null) return;
  box.style.height = 'auto';
  const linePx = Number.parseFloat(getComputedStyle(box).lineHeight) || 24;
  box.style.height = `${Math.min(box.scrollHeight, (MAX_LINES + 1) * linePx)}px`;
}
