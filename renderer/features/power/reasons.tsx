import type { PowerReason } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';
import { Shown } from '../../ui/shown.tsx';

/** Why, and what helps. */
export function Reasons({ reasons }: { readonly reasons: readonly PowerReason[] }) {
  return (
    <ul role="list" className="power-reasons">
      {reasons.map(({ code, text, fix }, i) => (
        <li key={`${code} ${i}`}>
          <Shown text={text} />
          {fix !== undefined && <Fix text={fix} />}
        </li>
      ))}
    </ul>
  );
}

export function Fix({ text }: { readonly text: string }) {
  return (
    <p className="power-fix">
      {t.light.fix} <Shown text={text} />
    </p>
  );
}
