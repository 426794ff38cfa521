import type { ReactNode } from 'react';
import { useHost } from '../../state/host-context.tsx';
import { openOverlay } from '../../state/view-store.ts';
import { power as t } from '../../strings/power.ts';
import { Icon } from '../../ui/icon.tsx';
import { withKeys } from '../keyboard/platform.ts';
import { machineLine, type MachineLine } from './machine-line.ts';
import './machine-button.css';

/** The window's line of the machine, which opens all about it; `none` where the host says nothing of it. */
export function Machine({ none }: { readonly none: ReactNode }) {
  const line = useMachineLine();
  if (line === null) return none;
  const { shortcut, ...keys } = withKeys('power');
  return (
    <button
      type="button"
      className="machine-line"
      data-tone={line.tone}
      title={`${t.open} · ${shortcut}`}
      onClick={() => openOverlay({ name: 'power' })}
      {...keys}
    >
      <Icon name={line.tone === 'safe' ? 'lid' : line.tone === 'wrong' ? 'alert' : 'laptop'} />
      <span>{line.words}</span>
    </button>
  );
}

/** null: the host says nothing of it, now or ever. What it said before it went may be over. */
export function useMachineLine(): MachineLine | null {
  const power = useHost((host) => host.power);
  const isUp = useHost((host) => host.link.kind === 'up');
  return power === null || !isUp ? null : machineLine(power);
}
