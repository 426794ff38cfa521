import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { ATTENTION_KINDS, type NotifyState } from '../../../src/protocol/attention.ts';
import { useNotify } from '../../features/notify/use-notify.ts';
import { useHost } from '../../state/host-context.tsx';
import { notify as t } from '../../strings/phone-notify.ts';
import { Button } from '../../ui/button.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { usePhone } from '../phone-world.ts';
import type { PushHere } from '../push/push-here.ts';
import { Screen } from '../shell/screen.tsx';
import { pushWords, silenceWords, testWords, withKind } from './notify-words.ts';
import { PolicyPart } from './policy-part.tsx';
import '../../ui/field.css';
import '../screens/more.css';
import './notify.css';

const AGE_EVERY_MS = 5_000;

/** Whether and of what this phone is told, when all devices are, and what happens when the host is gone. */
export function NotifyScreen() {
  const push = usePhone(({ open }) => open?.push ?? null);
  const isUp = useHost(({ link }) => link.kind === 'up');
  const nowMs = useNow(AGE_EVERY_MS);
  const { notify, failure, acts } = useNotify();
  return (
    <Screen title={t.title}>
      {push !== null && <ThisPhone push={push} policy={notify?.policy} />}
      {notify === null ? (
        <p className="soft" role="status">
          {failure ?? (isUp ? t.looking : t.unavailable)}
        </p>
      ) : (
        <>
          <section className="part">
            <h2>{t.policy}</h2>
            {notify.quietUntil !== null && <p>{t.quietNow(clockOf(notify.quietUntil, nowMs))}</p>}
            <PolicyPart
              key={JSON.stringify(notify.policy)}
              policy={notify.policy}
              save={acts.setPolicy}
            />
          </section>
          <Silence notify={notify} />
          <Places notify={notify} />
        </>
      )}
    </Screen>
  );
}

interface ThisPhoneProps {
  readonly push: PushHere;
  readonly policy: NotifyState['policy'] | undefined;
}

function ThisPhone({ push, policy }: ThisPhoneProps) {
  const view = useStore(push.store);
  const isUp = useHost(({ link }) => link.kind === 'up');
  const nowMs = useNow(AGE_EVERY_MS);
  useEffect(() => {
    if (isUp) void push.look();
    // Back from the browser's settings, where it may have been allowed or blocked.
    const look = (): void => void (document.visibilityState === 'visible' && push.look());
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [push, isUp]);
  const words = pushWords(view, nowMs);
  const off = view.isBusy || !isUp;
  return (
    <section className="part">
      <h2>{t.here}</h2>
      <p className="notify-state" data-tone={words.tone} role="status">
        <strong>{words.title}</strong> {words.body}
      </p>
      {view.problem !== null && (
        <p className="field-problem" role="alert">
          {view.problem}
        </p>
      )}
      {words.act !== null && !isUp && <p className="soft">{t.needsLink}</p>}
      {words.act === 'turnOn' && (
        <Button look="decide" disabled={off} onClick={() => void push.turnOn()}>
          {t.turnOn}
        </Button>
      )}
      {words.act === 'turnOff' && (
        <>
          <Kinds push={push} policy={policy} isOff={off} />
          <Test push={push} isOff={off} />
          <Button disabled={off} onClick={() => void push.turnOff()}>
            {t.turnOff}
          </Button>
        </>
      )}
    </section>
  );
}

function Kinds({ push, policy, isOff }: ThisPhoneProps & { readonly isOff: boolean }) {
  const { kinds } = useStore(push.store);
  return (
    <fieldset className="notify-kinds" disabled={isOff}>
      <legend>{t.kindsHere}</legend>
      {ATTENTION_KINDS.map((kind) => (
        <label key={kind} className="tick">
          <input
            type="checkbox"
            checked={kinds === null || kinds.includes(kind)}
            onChange={({ target }) => void push.turnOn(withKind(kinds, kind, target.checked))}
          />
          <span>
            {t.kinds[kind]}
            {policy?.kinds[kind] === false && <span className="soft"> ({t.offForAll})</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Test({ push, isOff }: { readonly push: PushHere; readonly isOff: boolean }) {
  const [said, setSaid] = useState<{ readonly ok: boolean; readonly words: string } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setSaid(null);
    const result = await push.test();
    setSaid({ ok: result.ok, words: testWords(result) });
    setBusy(false);
  };
  return (
    <>
      <Button disabled={isOff || isBusy} onClick={() => void run()}>
        {isBusy ? t.testing : t.test}
      </Button>
      <p role="status" className={said?.ok === false ? 'field-problem' : 'soft'}>
        {said?.words}
      </p>
    </>
  );
}

/** The dead-man's note, as the person needs to know it. */
function Silence({ notify }: { readonly notify: NotifyState }) {
  const { words, why } = silenceWords(notify);
  return (
    <section className="part">
      <h2>{t.silence}</h2>
      <p>{words}</p>
      {why !== null && <p className="soft">{why}</p>}
    </section>
  );
}

/** All but this phone's own, which stands above. */
function Places({ notify }: { readonly notify: NotifyState }) {
  const device = usePhone(({ open, hosts }) => hosts.find(({ id }) => id === open?.id)?.device.id);
  const others = notify.places.filter(
    (place) => place.device === undefined || place.device !== device,
  );
  if (others.length === 0) return null;
  return (
    <section className="part">
      <h2>{t.places}</h2>
      <dl className="pairs">
        {others.map(({ place, name, state, problem }) => (
          <div key={place}>
            <dt>{name}</dt>
            <dd>{[t.placeStates[state], problem].filter(Boolean).join(': ')}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
