import { useId } from 'react';
import { pairing as t } from '../../strings/pairing.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useCopied } from '../../ui/use-copied.ts';
import { countdown } from '../../../src/base/countdown.ts';
import { useLeft } from './use-left.ts';
import type { PairView } from './pairing-model.ts';
import { QrCode } from './qr-code.tsx';
import { isThisMachine } from '../../../src/protocol/within-reach.ts';

const SOON_MS = 30_000;

export interface OfferedViewProps {
  readonly offered: Extract<PairView, { phase: 'offered' }>;
  readonly onLan: (lan: boolean) => void;
  readonly onTakeBack: () => void;
}

/** The code, what it needs to be trusted, and the other way to come. */
export function OfferedView({ offered, onLan, onTakeBack }: OfferedViewProps) {
  const { url, page, relay, lan, endsAtMs } = offered;
  const leftMs = useLeft(endsAtMs);
  const { copied, copy } = useCopied(url);
  const linkId = useId();
  return (
    <>
      <div className="pair-offer">
        <QrCode text={url} label={t.qr} />
        <div className="pair-words">
          <h3>{t.scan}</h3>
          <p className="pair-soft">{t.scanBody}</p>
          <p className="pair-left" role="timer">
            <Icon name="clock" /> {t.left(countdown(leftMs))}
          </p>
          <p className="unseen" role="status">
            {leftMs <= SOON_MS ? t.leftSoon : ''}
          </p>
          <label className="field" htmlFor={linkId}>
            <span className="field-label">{t.link}</span>
            <input
              id={linkId}
              className="input code"
              readOnly
              value={url}
              onFocus={(event) => event.target.select()}
            />
          </label>
          <Button icon={<Icon name={copied ? 'check' : 'copy'} />} onClick={copy} ref={focused}>
            {copied ? t.copied : t.copy}
          </Button>
        </div>
      </div>
      <p>{t.page(new URL(page).origin)}</p>
      {lan && <LanTrial />}
      {!lan && isThisMachine(relay) && (
        <p className="pair-warning">
          <Icon name="alert" />
          <span>{t.machineOnly(relay)}</span>
        </p>
      )}
      <p className="pair-soft">{t.roleLater}</p>
      <div className="dialog-acts">
        <Button look="quiet" onClick={() => onLan(!lan)}>
          {lan ? t.noLan : t.lan}
        </Button>
        <Button onClick={onTakeBack}>{t.cancel}</Button>
      </div>
    </>
  );
}

function LanTrial() {
  return (
    <section className="pair-lan" aria-label={t.lanTitle}>
      <h3>{t.lanTitle}</h3>
      <ul>
        {t.lanLacks.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </section>
  );
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}
