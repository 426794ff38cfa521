import type { PowerReason } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';
import { Shown } from '../../ui/shown.tsx';

/** Why, and what helps. */
export function Reasons({ reasons }: { readonly reasons: readonly PowerReason[] }) {
  return (
    <ul role="list" className="power-reasons">
      {reasons.map((reason, i) => {
        const fix = fixOf(reason);
        return (
          <li key={`${reason.code} ${i}`}>
            <Shown text={reason.text} />
            {fix !== undefined && <Fix text={fix} />}
          </li>
        );
      })}
    </ul>
  );
}

/** The host names commands, for whoever has a terminal; here most of it is a button below. */
function fixOf({ code, fix }: PowerReason): string | undefined {
  const here: Readonly<Record<string, string>> = t.fixes;
  return Object.hasOwn(here, code) ? here[code] : fix;
}

export function Fix({ text }: { readonly text: string }) {
  return (
    <p className="power-fix">
      {t.light.fix} <Shown text={text} />
    </p>
  );
}
