import { useState } from 'react';
import { useHost } from '../../state/host-context.tsx';
import { closeOverlay, openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { devices as t } from '../../strings/pairing.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNow } from '../../ui/use-now.ts';
import { withKeys } from '../keyboard/platform.ts';
import { DeviceRow } from './device-row.tsx';
import { RelayLine } from './relay-line.tsx';
import { Sure } from './sure.tsx';
import { useDevices, type DeviceActs } from './use-devices.ts';
import './devices.css';

const CLOCK_EVERY_MS = 10_000;

/** Who may come in from elsewhere, and what each may do. */
export function DevicesPanel() {
  const { devices, relay, failure, acts } = useDevices();
  const isUp = useHost((host) => host.link.kind === 'up');
  const nowMs = useNow(CLOCK_EVERY_MS);
  return (
    <Dialog title={t.title} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <div className="dialog-body devices">
        {relay !== null && <RelayLine relay={relay} nowMs={nowMs} />}
        {failure !== null && (
          <p className="field-problem" role="alert">
            {failure}
          </p>
        )}
        {devices === null && failure === null && <p role="status">{t.loading}</p>}
        {devices?.length === 0 && <NoDevices />}
        {devices !== null && devices.length > 0 && (
          <ul role="list" aria-label={t.list} className="device-list">
            {devices.map((device) => (
              <DeviceRow key={device.id} {...{ device, nowMs, acts }} disabled={!isUp} />
            ))}
          </ul>
        )}
        {devices !== null && devices.length > 0 && (
          <Foot count={devices.length} acts={acts} disabled={!isUp} />
        )}
      </div>
    </Dialog>
  );
}

function NoDevices() {
  return (
    <div className="devices-none">
      <h3>{t.none}</h3>
      <p>{t.noneBody}</p>
      <PairButton look="decide" />
    </div>
  );
}

function PairButton({ look }: { readonly look: 'plain' | 'decide' }) {
  return (
    <Button
      look={look}
      data-first-focus
      icon={<Icon name="plus" />}
      onClick={() => openOverlay({ name: 'pair' })}
      {...withKeys('pairPhone')}
    >
      {t.pair}
    </Button>
  );
}

interface FootProps {
  readonly count: number;
  readonly acts: DeviceActs;
  readonly disabled: boolean;
}

function Foot({ count, acts, disabled }: FootProps) {
  /** A question about so many devices: about others it would have to be put anew. */
  const [asked, setAsked] = useState<number | null>(null);
  if (asked === count)
    return (
      <Sure
        title={t.revokeAllAsk(count)}
        body={t.revokeAllBody}
        keep={t.keepAll}
        act={t.revokeAllDo}
        onKeep={() => setAsked(null)}
        onAct={() => void acts.revokeAll()}
      />
    );
  return (
    <div className="dialog-acts">
      <Button look="quiet" disabled={disabled} onClick={() => setAsked(count)}>
        {t.revokeAll}
      </Button>
      <PairButton look="plain" />
    </div>
  );
}
