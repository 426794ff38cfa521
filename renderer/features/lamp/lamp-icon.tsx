import { useId } from 'react';
import type { Lamp } from '../sessions/grouping.ts';

const ROOF = 'M10 0h2v2h1l5 4v1H4V6l5-4h1z';
const FRAME = 'M5 7h12l-1 12h-4v3h-2v-3H6zM6.5 7l.8 10h7.4l.8-10z';
const GLASS = 'M6.5 7l.8 10h7.4l.8-10z';
const SLASH = 'M1.6 3 3 1.6l17.4 17.4-1.4 1.4z';

/** The lamp of the tray, told apart by shape: empty, lit, lit with a dot, struck through. */
export function LampIcon({ lamp, size = 22 }: { readonly lamp: Lamp; readonly size?: number }) {
  const mask = useId();
  const isLit = lamp === 'working' || lamp === 'needsYou';
  return (
    <svg
      className="lamp"
      viewBox="0 0 22 22"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      <mask id={mask}>
        <path fill="#fff" d="M0 0h22v22H0z" />
        {lamp === 'needsYou' && <circle fill="#000" cx="18" cy="4" r="5.2" />}
        {lamp === 'problem' && <path stroke="#000" strokeWidth="4.6" d="M0 0 22 22" />}
      </mask>
      <g mask={`url(#${mask})`}>
        {isLit && <path className="lamp-light" d={GLASS} />}
        <path fill="currentColor" d={ROOF} />
        <path fill="currentColor" fillRule="evenodd" d={FRAME} />
      </g>
      {lamp === 'needsYou' && <circle className="lamp-dot" cx="18" cy="4" r="4" />}
      {lamp === 'problem' && <path fill="currentColor" d={SLASH} />}
    </svg>
  );
}
