import { useDeferredValue, useMemo, type ReactNode } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { TranscriptItems } from '../../../src/protocol/transcript/items.ts';
import { viewStore } from '../../state/view-store.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useAgentName } from '../../state/agent-name.ts';
import { en } from '../../strings/en.ts';
import { mode as m } from '../../strings/mode.ts';
import { shortPath } from '../diff/short-path.ts';
import { PlanList } from '../transcript/plan-list.tsx';
import { Machine } from '../power/machine-button.tsx';
import { ChangesPart } from '../work/changes-part.tsx';
import { AgentOptions, Usage } from './agent-settings.tsx';
import { changesIn } from './changes.ts';
import './side-panel.css';

const t = en.side;

/** Only where the panel lies over the conversation. */
function close(): void {
  viewStore.setState({ sideOpen: false });
  document.querySelector<HTMLElement>('.session-side')?.focus();
}

/** Beside the conversation: plan, changes, the agent and its settings, the machine. */
export function SidePanel({
  state,
  items,
}: {
  readonly state: SessionState;
  readonly items: TranscriptItems;
}) {
  const agent = useAgentName(state.agent);
  const later = useDeferredValue(items);
  const hasWorktree = state.origin !== null;
  // With a worktree git says it, and says it better.
  const changes = useMemo(() => (hasWorktree ? [] : changesIn(later.items)), [later, hasWorktree]);
  return (
    <aside
      className="side"
      id="side"
      aria-label={t.label}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !viewStore.getState().sideOpen) return;
        event.preventDefault();
        close();
      }}
    >
      <IconButton className="side-close" label={en.app.close} onClick={close}>
        <Icon name="close" />
      </IconButton>
      <Part title={t.plan}>
        {state.plan.length === 0 ? (
          <p className="side-none">{t.noPlan}</p>
        ) : (
          <PlanList entries={state.plan} />
        )}
      </Part>
      {hasWorktree && <ChangesPart state={state} />}
      {!hasWorktree && (
        <Part title={t.changes}>
          {changes.length === 0 ? (
            <p className="side-none">{t.noChanges}</p>
          ) : (
            <ul role="list" className="changes" title={t.changesHint}>
              {changes.map(({ path, plus, minus }) => (
                <li key={path}>
                  <span className="changes-path code" title={path}>
                    <bdi>{shortPath(path, state.cwd)}</bdi>
                  </span>
                  <span className="changes-count" title={en.diff.linesWords(plus, minus)}>
                    {en.diff.lines(plus, minus)}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Part>
      )}
      <Part title={t.settings}>
        <dl className="pairs">
          <dt>{t.agent}</dt>
          <dd>{agent}</dd>
          <dt>{t.folder}</dt>
          <dd className="code" title={state.worktree ?? state.cwd}>
            {state.worktree ?? state.cwd}
          </dd>
          {state.instance !== null && (
            <>
              <dt>{m.sandbox}</dt>
              <dd>{state.sandbox ?? m.noSandbox}</dd>
            </>
          )}
        </dl>
        <AgentOptions state={state} />
        <Usage state={state} />
      </Part>
      <Part title={t.machine}>
        <Machine none={<p className="side-none">{t.machineBody}</p>} />
      </Part>
    </aside>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="side-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
