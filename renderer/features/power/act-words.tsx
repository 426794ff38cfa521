import { Shown } from '../../ui/shown.tsx';
import type { Act } from './use-act.ts';

/** What came of what was asked for. */
export function ActWords({ act }: { readonly act: Act }) {
  if (act.problem !== null)
    return (
      <p className="field-problem" role="alert">
        <Shown text={act.problem} />
      </p>
    );
  return act.done === null ? null : (
    <p className="power-soft" role="status">
      <Shown text={act.done} />
    </p>
  );
}
