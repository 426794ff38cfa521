import { useDeferredValue, useMemo, type ReactNode } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { AgentOption } from '../../../src/protocol/transcript/content.ts';
import type { TranscriptItems } from '../../../src/protocol/transcript/items.ts';
import { viewStore } from '../../state/view-store.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useAgentName } from '../../state/agent-name.ts';
import { en } from '../../strings/en.ts';
import { shortPath } from '../diff/diff-view.tsx';
import { takesOption } from '../sessions/takes-settings.ts';
import { PlanList } from '../transcript/plan-list.tsx';
import { ChangesPart } from '../work/changes-part.tsx';
import { changesIn } from './changes.ts';
import '../../ui/field.css';
import './side-panel.css';

const t = en.side;
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

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
        </dl>
        <Options state={state} />
        <Usage state={state} />
      </Part>
      <Part title={t.machine}>
        <p className="side-none">{t.machineBody}</p>
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

function Options({ state }: { readonly state: SessionState }) {
  const isUp = useHost((host) => host.link.kind === 'up');
  return state.options.map((option) => (
    <OptionView
      key={option.id}
      option={option}
      state={state}
      disabled={!isUp || !takesOption(state)}
    />
  ));
}

function OptionView({
  option,
  state,
  disabled,
}: {
  readonly option: AgentOption;
  readonly state: SessionState;
  readonly disabled: boolean;
}) {
  const { acts } = useWorld();
  const set = (value: string | boolean): void => void acts.setOption(state.id, option.id, value);
  if (typeof option.current === 'boolean' || option.values.length === 0)
    return (
      <label className="tick" title={option.description}>
        <input
          type="checkbox"
          checked={option.current === true}
          disabled={disabled}
          onChange={(event) => set(event.target.checked)}
        />
        <span>{option.name}</span>
      </label>
    );
  return (
    <label className="field">
      <span className="field-label">{option.name}</span>
      <select
        className="select"
        value={option.current}
        disabled={disabled}
        title={option.description}
        onChange={(event) => set(event.target.value)}
      >
        {!option.values.some(({ value }) => value === option.current) && (
          <option value={option.current}>{option.current}</option>
        )}
        {option.values.map(({ value, name, description }) => (
          <option key={value} value={value} title={description}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Usage({ state }: { readonly state: SessionState }) {
  const { usage } = state;
  if (usage === null) return null;
  return (
    <div className="usage">
      <span className="field-label" id="usage-label">
        {t.usage}
      </span>
      {usage.size > 0 && (
        <meter
          aria-labelledby="usage-label"
          min={0}
          max={usage.size}
          value={Math.min(usage.used, usage.size)}
        />
      )}
      <span className="usage-words">
        {usage.size > 0
          ? t.usageOf(whole.format(usage.used), whole.format(usage.size))
          : whole.format(usage.used)}
      </span>
      {usage.cost !== undefined && (
        <span className="usage-words">
          {t.cost}: {money(usage.cost)}
        </span>
      )}
    </div>
  );
}

function money({ amount, currency }: { amount: number; currency: string }): string {
  try {
    return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount);
  } catch {
    // An agent's own unit, such as credits.
    return `${amount} ${currency}`;
  }
}
