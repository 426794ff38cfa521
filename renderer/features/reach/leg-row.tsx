import type { ReactNode } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import type { Leg } from './reach-words.ts';
import './leg-row.css';

const ICONS = { ok: 'check', wrong: 'alert', unknown: 'ring' } as const;

export interface LegRowProps {
  readonly leg: Leg;
  /** In the place of its name. */
  readonly name?: ReactNode;
  /** What can be done about it. */
  readonly children?: ReactNode;
}

export function LegRow({ leg, name, children }: LegRowProps) {
  return (
    <li className="leg" data-tone={leg.tone}>
      <Icon name={ICONS[leg.tone]} />
      <div className="leg-words">
        <span className="leg-name">{name ?? <Shown text={leg.name} />}</span>
        <span className="leg-stands">{leg.words}</span>
        {leg.detail !== null && (
          <span className="leg-detail">
            <Shown text={leg.detail} />
          </span>
        )}
      </div>
      {children}
    </li>
  );
}
