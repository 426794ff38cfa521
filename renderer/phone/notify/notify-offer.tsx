import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useHost } from '../../state/host-context.tsx';
import { notify as t } from '../../strings/phone-notify.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { PushHere } from '../push/push-here.ts';
import './notify.css';

/**
 * On the first screen until the person has said yes or no. The browser is asked by the button alone:
 * one that asks on its own is answered with "block", for ever.
 */
export function NotifyOffer({ push }: { readonly push: PushHere }) {
  const { can, permission, wanted, isBusy, problem } = useStore(push.store);
  const isUp = useHost(({ link }) => link.kind === 'up');
  const [isKnown, setKnown] = useState(false);
  useEffect(() => {
    let isHere = true;
    // What was answered before stands in the phone's storage.
    if (isUp) void push.look().then(() => isHere && setKnown(true));
    return () => {
      isHere = false;
    };
  }, [push, isUp]);
  const mayAsk = permission !== 'denied' || problem !== null;
  if (!isKnown || can !== 'yes' || wanted !== null || !mayAsk) return null;
  return (
    <section className="notify-offer" aria-labelledby="notify-offer">
      <Icon name="phone" />
      <div>
        <h2 id="notify-offer">{t.offer}</h2>
        <p className="soft">{t.offerWhy}</p>
        {problem !== null && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div className="notify-acts">
        <Button disabled={isBusy} onClick={() => void push.decline()} look="quiet">
          {t.notNow}
        </Button>
        <Button disabled={isBusy} onClick={() => void push.turnOn()}>
          {t.turnOn}
        </Button>
      </div>
    </section>
  );
}
