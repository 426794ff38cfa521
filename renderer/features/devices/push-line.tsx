import { useState } from 'react';
import type { Device } from '../../../src/protocol/devices.ts';
import type { PushState } from '../../../src/protocol/push.ts';
import { attention } from '../../strings/attention.ts';
import { notify } from '../../strings/notify.ts';
import { Shown } from '../../ui/shown.tsx';
import { ageOf } from '../../ui/time.ts';
import { TestButton, type TestPlace } from '../notify/test-button.tsx';

const t = notify.push;

export interface PushLineProps {
  readonly device: Device;
  /** null: it did not ask to be told. */
  readonly push: PushState | null;
  readonly nowMs: number;
  readonly disabled: boolean;
  readonly test: TestPlace;
}

/** How pushes to a device fare, and a way to try one. */
export function PushLine({ device, push, nowMs, disabled, test }: PushLineProps) {
  const [said, setSaid] = useState<string | null>(null);
  return (
    <div className="device-push" data-state={push?.state ?? 'none'}>
      <p>
        {pushWords(push, nowMs)}
        {push !== null && push.problem !== null && (
          <>
            {' '}
            <Shown text={push.problem} />
          </>
        )}
      </p>
      {push !== null && push.state !== 'off' && (
        <TestButton
          place={`device:${device.id}`}
          name={device.name}
          test={test}
          disabled={disabled}
          onDone={setSaid}
        />
      )}
      {said !== null && (
        <p className="device-push-said" role="status">
          <Shown text={said} />
        </p>
      )}
    </div>
  );
}

/** "Push works by push.example, last 4 min ago." */
function pushWords(push: PushState | null, nowMs: number): string {
  if (push === null) return `${t.none}.`;
  const by = push.service === null ? '' : t.by(push.service);
  const last = push.lastAt === null ? '' : t.last(attention.ago(ageOf(push.lastAt, nowMs)));
  return `${[`${t[push.state]}${by}`, last].filter(Boolean).join(', ')}.`;
}
