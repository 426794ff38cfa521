import type { Result } from '../../../src/protocol/methods.ts';
import type { PowerState } from '../../../src/protocol/power.ts';
import type { HostState } from '../../state/host-state.ts';

/** What is on the first screen, as the host would tell it: what a phone keeps of it. */
export function deskOf(state: HostState): Result<'desk.follow'> {
  const { sessions, approvals, problems, night, power, attention } = state;
  return {
    sessions: [...sessions],
    approvals: [...approvals],
    problems: [...problems],
    ...(night !== undefined && { night }),
    ...(power !== null && { power }),
    ...(attention !== null && { attention }),
  };
}

/** Whether it differs in what is worth a write: ages that count on, and a degree more or less, are not. */
export function isDeskNews(state: HostState, before: HostState): boolean {
  return (
    state.sessions !== before.sessions ||
    state.approvals !== before.approvals ||
    state.problems !== before.problems ||
    state.night !== before.night ||
    state.asleep !== before.asleep ||
    (state.attention !== before.attention && asks(state) !== asks(before)) ||
    (state.power !== before.power && gist(state.power) !== gist(before.power))
  );
}

/** To whom it was told meanwhile, and how often, is no news here. */
function asks({ attention }: HostState): string {
  return JSON.stringify(attention?.items.map(({ id, seenAt }) => [id, seenAt]) ?? null);
}

function gist(power: PowerState | null): string {
  return JSON.stringify(power, (key, value: unknown) =>
    key === 'ageSec' || key === 'celsius' ? undefined : value,
  );
}
