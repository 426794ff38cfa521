import type { NotifyState } from '../../../src/protocol/attention.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { attention } from '../../strings/attention.ts';
import { notify as t } from '../../strings/notify.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { LegRow } from '../reach/leg-row.tsx';
import { noteLeg } from '../reach/reach-words.ts';
import { ChannelsPart } from './channels-part.tsx';
import { KindsPart } from './kinds-part.tsx';
import { PlacesPart } from './places-part.tsx';
import { PolicyPart } from './policy-part.tsx';
import { useNotify } from './use-notify.ts';
import './notify.css';

const AGES_EVERY_MS = 5_000;

/** When and where a person is told, and how those places fare. Parts have headings of the third level. */
export function NotifyView() {
  const { notify, failure, acts } = useNotify();
  const { surface } = useWorld();
  const isOperator = useMay('operator');
  const nowMs = useNow(AGES_EVERY_MS);
  return (
    <div className="notify">
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {notify === null && failure === null && <p role="status">{t.loading}</p>}
      {notify !== null && (
        <>
          {notify.quietUntil !== null && (
            <p className="notify-quiet" role="status">
              <Icon name="moon" /> {attention.quiet(clockOf(notify.quietUntil, nowMs))}
            </p>
          )}
          {!isOperator && <p className="field-hint">{t.viewer}</p>}
          <PlacesPart places={notify.places} test={acts.test} nowMs={nowMs} />
          <KindsPart policy={notify.policy} set={acts.setPolicy} />
          <PolicyPart policy={notify.policy} set={acts.setPolicy} />
          <NotePart note={notify.note} nowMs={nowMs} />
          {surface !== 'phone' && (
            <ChannelsPart
              places={notify.places}
              hosts={notify.allowHosts ?? []}
              set={acts.setChannels}
            />
          )}
        </>
      )}
    </div>
  );
}

function NotePart({ note, nowMs }: Pick<NotifyState, 'note'> & { readonly nowMs: number }) {
  return (
    <section aria-label={t.note.title}>
      <h3>{t.note.title}</h3>
      <p className="field-hint">{t.note.body}</p>
      <ul role="list">
        <LegRow leg={noteLeg({ note }, nowMs)} />
      </ul>
    </section>
  );
}
