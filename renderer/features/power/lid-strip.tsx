import { useState } from 'react';
import type { LidReport } from '../../../src/protocol/power.ts';
import { markSeen, wasSeen } from '../../state/seen.ts';
import { openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { isNews, lidWords } from './lid-words.ts';
import { useLidReport } from './use-lid-report.ts';
import '../../ui/strip.css';
import './power.css';

const SEEN = 'porchlight.lid.seen';
const NEWS_EVERY_MS = 60_000;
const kept = (): Storage => localStorage;

/** What went on behind the lid, on opening it, until it is put away. */
export function LidStrip() {
  const report = useLidReport();
  const nowMs = useNow(NEWS_EVERY_MS);
  // Put away here: the storage alone would not draw it anew.
  const [seen, setSeen] = useState<string | null>(null);
  if (report === null || report.closedAt === seen) return null;
  if (!isNews(report, nowMs) || wasSeen(SEEN, report.closedAt, kept)) return null;
  return (
    <Strip
      report={report}
      onSeen={() => {
        markSeen(SEEN, report.closedAt, kept);
        setSeen(report.closedAt);
      }}
    />
  );
}

interface StripProps {
  readonly report: LidReport;
  readonly onSeen: () => void;
}

function Strip({ report, onSeen }: StripProps) {
  return (
    <div className="strip lid-strip" role="status">
      <Icon name="laptop" />
      <p>
        <Shown text={lidWords(report)} />
      </p>
      <div className="power-acts">
        <Button
          look="quiet"
          onClick={() => {
            onSeen();
            openOverlay({ name: 'power' });
          }}
        >
          {t.report.more}
        </Button>
        <Button look="quiet" onClick={onSeen}>
          {en.app.dismiss}
        </Button>
      </div>
    </div>
  );
}
