import type { Problem } from '../../../src/protocol/session/events.ts';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import { CopyButton } from '../highlight/copy-button.tsx';
import './problem.css';

/** What went wrong, and what can be done about it. */
export function ProblemView({
  problem,
}: {
  readonly problem: Pick<Problem, 'message' | 'fix'> & { readonly kind: string };
}) {
  return (
    <div className="problem">
      <Icon name="alert" />
      <div>
        <p>{problem.message}</p>
        {problem.fix !== undefined && (
          <p className="problem-fix">
            {problem.kind === 'signIn' ? (
              <>
                {en.session.signIn} <code>{problem.fix}</code> <CopyButton text={problem.fix} />
              </>
            ) : (
              problem.fix
            )}
          </p>
        )}
      </div>
    </div>
  );
}
