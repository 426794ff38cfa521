import { useEffect, useState } from 'react';
import { phone } from '../../strings/phone.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { usePhone, usePhoneWorld } from '../phone-world.ts';
import { agoWords } from './link-words.ts';
import { useRoute, useRouter } from './router-context.ts';
import { useLinkWords } from './use-link-words.ts';

const t = phone.link;
/** A connection that comes at once is not worth a word. */
const SAY_AFTER_MS = 1_500;

/** Which leg of the way is broken, and how old is what one sees. Nothing while all is well. */
export function LinkBanner() {
  const { acts } = usePhoneWorld();
  const cachedAtMs = usePhone((state) => state.cachedAtMs);
  const { words, nowMs } = useLinkWords(1_000);
  const router = useRouter();
  const route = useRoute();
  const isTrying = words.kind === 'trying';
  const isLate = useLate(isTrying);
  const isAsleep = words.kind === 'asleep';
  const isSaid = words.kind === 'broken' || isAsleep || (isTrying && isLate);
  return (
    <div role="status" className="link-place">
      {isSaid && (
        <div className={`link-banner link-${words.kind}`}>
          <Icon name={isTrying ? 'again' : isAsleep ? 'moon' : 'alert'} />
          <p>
            <strong>{words.title}</strong> <Shown text={words.body} />{' '}
            {cachedAtMs !== null && <span>{t.asOf(agoWords(cachedAtMs, nowMs))}</span>}
          </p>
          {!isTrying && (
            <>
              {route.name !== 'reach' && (
                <Button look="quiet" onClick={() => router.go({ name: 'reach' })}>
                  {t.more}
                </Button>
              )}
              <Button look={isAsleep ? 'quiet' : 'plain'} onClick={() => acts.checkNow()}>
                {t.tryNow}
              </Button>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function useLate(isOn: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(() => setLate(true), SAY_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isOn]);
  return isLate;
}
