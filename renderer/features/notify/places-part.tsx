import { useState } from 'react';
import type { NotifyPlace } from '../../../src/protocol/attention.ts';
import { useHost } from '../../state/host-context.tsx';
import { attention } from '../../strings/attention.ts';
import { notify } from '../../strings/notify.ts';
import { Shown } from '../../ui/shown.tsx';
import { ageOf } from '../../ui/time.ts';
import { LegRow } from '../reach/leg-row.tsx';
import type { Leg } from '../reach/reach-words.ts';
import { TestButton, type TestPlace } from './test-button.tsx';

const t = notify.places;

export interface PlacesPartProps {
  readonly places: readonly NotifyPlace[];
  readonly test: TestPlace;
  readonly nowMs: number;
}

export function PlacesPart({ places, test, nowMs }: PlacesPartProps) {
  const [said, setSaid] = useState<{ place: string; words: string } | null>(null);
  const isUp = useHost((host) => host.link.kind === 'up');
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      {places.length === 0 && <p className="field-hint">{t.none}</p>}
      <ul role="list">
        {places.map((place) => (
          <LegRow key={place.place} leg={placeLeg(place, nowMs)}>
            <TestButton
              place={place.place}
              name={place.name}
              test={test}
              disabled={!isUp}
              onDone={(words) => setSaid({ place: place.place, words })}
            />
            {said?.place === place.place && (
              <p className="notify-said" role="status">
                <Shown text={said.words} />
              </p>
            )}
          </LegRow>
        ))}
      </ul>
    </section>
  );
}

function placeLeg({ place, kind, name, state, lastAt, problem }: NotifyPlace, nowMs: number): Leg {
  const last = lastAt === null ? t.never : t.last(attention.ago(ageOf(lastAt, nowMs)));
  return {
    id: place,
    name: kind === 'push' ? name : [t.kinds[kind], name].filter(isNew).join(': '),
    tone: state === 'on' ? 'ok' : state === 'failing' ? 'wrong' : 'unknown',
    words: `${t.states[state]}, ${last}`,
    detail: problem,
  };
}

/** Not "Desktop: Desktop". */
function isNew(part: string, index: number, parts: readonly string[]): boolean {
  return part !== '' && (index === 0 || part.toLowerCase() !== parts[0]?.toLowerCase());
}
