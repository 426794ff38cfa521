import type { Lamp } from '../sessions/grouping.ts';

/** The porch lamp, told apart by shape: outline, lit, lit with a dot, struck through. */
export function LampIcon({ lamp, size = 20 }: { readonly lamp: Lamp; readonly size?: number }) {
  const lit = lamp === 'working' || lamp === 'needsYou';
  return (
    <svg className={`lamp lamp-${lamp}`} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true" focusable="false">
      <path d="M10 1.800v1.700M6.200 6.500h7.600M7.300 3.500h5.400l1.100 3H6.200z" fill="none" stroke="currentColor" strokeWidth="1.400" strokeLinejoin="round" strokeLinecap="round" />
      <path d="M6.800 6.500h6.400l.9 7.700H5.900z" fill={lit ? 'var(--lamp)' : 'none'} stroke="currentColor" strokeWidth="1.400" strokeLinejoin="round" />
      <path d="M5 14.200h10M8 17.500h4" fill="none" stroke="currentColor" strokeWidth="1.400" strokeLinecap="round" />
      {lamp === 'needsYou' && <circle cx="16.200" cy="3.800" r="3" fill="var(--lamp)" stroke="currentColor" strokeWidth="1.200" />}
      {lamp === 'problem' && <path d="M3 17 17 3" stroke="currentColor" strokeWidth="1.600" strokeLinecap="round" />}
    </svg>
  );
}
