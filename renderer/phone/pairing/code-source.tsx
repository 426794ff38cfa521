import { useEffect, useRef, useState } from 'react';
import { phonePairing as words } from '../../strings/phone-pairing.ts';
import { Button } from '../../ui/button.tsx';
import { Camera, CameraError, type CameraProblem } from './camera.ts';
import { readPicture } from './read-code.ts';

interface CodeSourceProps {
  /** What was wrong with the last code. */
  readonly problem: string | null;
  /** False: it was no code of ours; `problem` says why. */
  readonly take: (text: string) => boolean;
}

/** Where a code comes from: the camera, a picture, or the link as text. */
export function CodeSource({ problem, take }: CodeSourceProps) {
  const [isScanning, setScanning] = useState(false);
  const [trouble, setTrouble] = useState<CameraProblem | null>(null);
  if (isScanning)
    return (
      <Scanner
        take={take}
        problem={problem}
        onEnd={(camera) => {
          setScanning(false);
          setTrouble(camera);
        }}
      />
    );
  return (
    <>
      <h1>{words.title}</h1>
      <p>{words.how}</p>
      {(problem ?? trouble) !== null && (
        <p className="pairing-problem" role="alert">
          {trouble === null ? problem : words.camera[trouble]}
        </p>
      )}
      <Button look="decide" onClick={() => setScanning(true)}>
        {words.scan}
      </Button>
      <OtherWays take={take} isOpen={trouble !== null} />
    </>
  );
}

function Scanner({
  take,
  problem,
  onEnd,
}: CodeSourceProps & { readonly onEnd: (problem: CameraProblem | null) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [camera, setCamera] = useState<Camera | null>(null);
  const [isLit, setLit] = useState(false);
  const handlers = useRef({ take, onEnd });
  useEffect(() => {
    handlers.current = { take, onEnd };
  });
  useEffect(() => {
    const screen = video.current;
    if (screen === null) return;
    let running: Camera | null = null;
    let isOver = false;
    const end = (): void => {
      isOver = true;
      running?.stop();
    };
    // A phone takes the camera from a page that nobody sees, and does not give it back.
    const onHidden = (): void => {
      if (document.visibilityState === 'hidden') handlers.current.onEnd(null);
    };
    document.addEventListener('visibilitychange', onHidden);
    void (async () => {
      try {
        running = await Camera.start(screen, navigator.mediaDevices);
        if (isOver) return running.stop();
        setCamera(running);
        await running.scan(screen, (text) => handlers.current.take(text));
      } catch (error) {
        if (!isOver)
          handlers.current.onEnd(error instanceof CameraError ? error.problem : 'failed');
      }
    })();
    return () => {
      document.removeEventListener('visibilitychange', onHidden);
      end();
    };
  }, []);
  const setTorch = async (torch: boolean): Promise<void> => {
    await camera?.setTorch(torch).catch(() => {});
    setLit(torch);
  };
  return (
    <>
      {/* Without sound, and iOS would show it full screen otherwise. */}
      <video ref={video} className="pairing-video" muted playsInline />
      <p role="status">{camera === null ? words.starting : (problem ?? words.aim)}</p>
      <div className="pairing-row">
        {camera?.hasTorch === true && (
          <Button onClick={() => void setTorch(!isLit)}>
            {isLit ? words.lightOff : words.lightOn}
          </Button>
        )}
        <Button onClick={() => onEnd(null)}>{words.stopScan}</Button>
      </div>
    </>
  );
}

function OtherWays({ take, isOpen }: Pick<CodeSourceProps, 'take'> & { readonly isOpen: boolean }) {
  const [link, setLink] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const onPicture = async (picture: File | undefined): Promise<void> => {
    if (picture === undefined) return;
    // Throws for what is no picture at all.
    const text = await readPicture(picture).catch(() => null);
    setProblem(text === null ? words.noCodeInPicture : null);
    if (text !== null) take(text);
  };
  return (
    <details className="pairing-other" open={isOpen}>
      <summary>{words.other}</summary>
      <label className="button button-plain">
        {words.picture}
        <input
          className="unseen"
          type="file"
          accept="image/*"
          onChange={({ target }) => {
            void onPicture(target.files?.[0]);
            target.value = '';
          }}
        />
      </label>
      {problem !== null && (
        <p className="pairing-problem" role="alert">
          {problem}
        </p>
      )}
      <form
        className="pairing-form"
        onSubmit={(event) => {
          event.preventDefault();
          take(link);
          setLink('');
        }}
      >
        <label className="field">
          <span className="field-label">{words.link}</span>
          <input
            className="input"
            value={link}
            inputMode="url"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={({ target }) => setLink(target.value)}
          />
          <span className="field-hint">{words.linkHint}</span>
        </label>
        <Button type="submit" disabled={link.trim() === ''}>
          {words.useLink}
        </Button>
      </form>
    </details>
  );
}
