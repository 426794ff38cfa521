import { useState } from 'react';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import { notify } from '../../strings/notify.ts';
import { Button } from '../../ui/button.tsx';
import { testWords } from './test-words.ts';

const t = notify.places;

export type TestPlace = (place: string) => Promise<NotifyTest>;

export interface TestButtonProps {
  readonly place: string;
  readonly name: string;
  readonly test: TestPlace;
  readonly disabled: boolean;
  /** How it went, in words. */
  readonly onDone: (words: string) => void;
}

/** Tells one place something harmless. */
export function TestButton({ place, name, test, disabled, onDone }: TestButtonProps) {
  const [isTesting, setTesting] = useState(false);
  return (
    <Button
      aria-label={t.testOf(name)}
      disabled={disabled || isTesting}
      onClick={() => {
        setTesting(true);
        void test(place)
          .then(testWords, (error: unknown) =>
            error instanceof Error ? error.message : String(error),
          )
          .then(onDone)
          .finally(() => setTesting(false));
      }}
    >
      {isTesting ? t.testing : t.test}
    </Button>
  );
}
