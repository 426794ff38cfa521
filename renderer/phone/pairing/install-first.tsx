import { phonePairing } from '../../strings/phone-pairing.ts';
import { Button } from '../../ui/button.tsx';

const words = phonePairing.install;

/** iOS: what is paired in Safari is unknown to the app on the home screen. */
export function InstallFirst({
  hasCode,
  onAnyway,
}: {
  readonly hasCode: boolean;
  readonly onAnyway: () => void;
}) {
  return (
    <>
      <h1>{words.title}</h1>
      <p>{words.why}</p>
      <ol className="pairing-steps">
        {words.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {hasCode && <p className="pairing-soft">{words.unused}</p>}
      <Button look="quiet" onClick={onAnyway}>
        {words.anyway}
      </Button>
    </>
  );
}
