import type { AgentEntry } from '../../../src/protocol/agent.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { sizeOf } from '../../ui/time.ts';

const t = en.start;

export interface AgentListProps {
  readonly agents: readonly AgentEntry[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}

/** Known agents: choose one that is there, install one that is not. */
export function AgentList({ agents, chosen, onChoose }: AgentListProps) {
  const signIn = agents.find(({ id }) => id === chosen)?.signIn ?? null;
  return (
    <fieldset className="field">
      <legend className="field-label">{t.agent}</legend>
      <div className="agents">
        {agents.map((agent) => (
          <AgentRow
            key={agent.id}
            agent={agent}
            isChosen={agent.id === chosen}
            onChoose={onChoose}
          />
        ))}
      </div>
      {signIn !== null && <p className="field-hint">{t.signIn(signIn)}</p>}
    </fieldset>
  );
}

function AgentRow({
  agent,
  isChosen,
  onChoose,
}: {
  readonly agent: AgentEntry;
  readonly isChosen: boolean;
  readonly onChoose: (id: string) => void;
}) {
  const { acts } = useWorld();
  const progress = useHost((host) => host.installing[agent.id]);
  const isInstalling =
    progress !== undefined && progress.step !== 'done' && progress.step !== 'failed';
  const about = agent.found ? t.found(agent.from ?? '', agent.version) : t.notFound;
  return (
    <div className={`agent ${isChosen ? 'agent-chosen' : ''}`}>
      <label className="agent-choice">
        <input
          type="radio"
          name="agent"
          value={agent.id}
          disabled={!agent.found}
          checked={isChosen}
          onChange={() => onChoose(agent.id)}
        />
        <span>
          <span className="agent-name">{agent.name}</span>
          <span className="agent-about">{about}</span>
        </span>
      </label>
      {!agent.found && agent.installable !== null && !isInstalling && (
        <Button onClick={() => void acts.install(agent.id)}>
          {t.install(sizeOf(agent.installable.bytes))}
        </Button>
      )}
      {isInstalling && (
        <div className="agent-progress" role="status">
          <progress
            aria-label={`${t.installing} ${agent.name}`}
            {...(progress.totalBytes !== null &&
              progress.bytes !== null && { max: progress.totalBytes, value: progress.bytes })}
          />
          <span>{progress.message}</span>
        </div>
      )}
      {progress?.step === 'failed' && !agent.found && (
        <p className="field-problem agent-note" role="alert">
          {progress.message}
        </p>
      )}
    </div>
  );
}
