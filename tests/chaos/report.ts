import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure, type Figure } from '../bench/figure.ts';
import { killAll, processesOf } from '../demo/processes.ts';
import { runChaos, type ChaosResult } from './chaos.ts';

export interface ReportOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly sessions: number;
  readonly agents: 'demo' | 'all';
  say(line: string): void;
}

export interface Report {
  readonly holds: boolean;
  readonly figures: readonly Figure[];
  readonly text: string;
}

const SHOWN = 40;

/** Ends the hard way what a run that is cut short has left in its folder. */
export function sweep(folder: string): void {
  // A keeper starts a host, and a host a keeper: so until there is nobody left to.
  for (let left = processesOf(folder); left.length > 0; left = processesOf(folder)) killAll(left);
}

/** Runs chaos, and tells it in figures and in words. */
export async function chaosReport(options: ReportOptions): Promise<Report> {
  const lines: string[] = [];
  const result = await runChaos({
    ...options,
    realAgents: options.agents === 'all' ? ['claude', 'opencode'] : [],
    log: (line) => {
      lines.push(line);
      if (/ minute | plan is done/.test(line)) options.say(line);
    },
  });
  const holds = result.violations.length === 0;
  if (!holds) writeFileSync(join(result.folder, 'actions.log'), `${lines.join('\n')}\n`);
  return { holds, figures: figuresOf(result), text: textOf(result, options) };
}

function figuresOf({
  violations,
  orphans,
  events,
  prompts,
  sessions,
  gauge,
  counts,
}: ChaosResult): Figure[] {
  const killed = [...counts].reduce((sum, [, times]) => sum + times, 0);
  return [
    figure('chaos: rules broken', violations.length, '', { atMost: 0 }),
    figure('chaos: processes left behind', orphans, '', { atMost: 0 }),
    figure('chaos: attacks', killed, ''),
    figure('chaos: sessions', sessions, ''),
    figure('chaos: prompts', prompts, ''),
    figure('chaos: events', events, ''),
    figure('chaos: most memory of the host', gauge.most.hostMiB, 'MiB'),
    figure('chaos: most memory of the keeper', gauge.most.keeperMiB, 'MiB'),
    figure('chaos: most open files of the host', gauge.most.hostFds, ''),
    figure('chaos: most open files of the keeper', gauge.most.keeperFds, ''),
  ];
}

function textOf(result: ChaosResult, { seed, minutes }: ReportOptions): string {
  const { violations, counts, folder } = result;
  const actions = [...counts].map(([name, times]) => `${name} ${times}`).join(', ');
  const rows = figuresOf(result).map(({ name, value, unit }) =>
    `  ${name}: ${value} ${unit}`.trimEnd(),
  );
  const head = [`seed ${seed}, ${minutes} min: ${actions}`, ...rows];
  if (violations.length === 0) return `${[...head, 'Every rule held.'].join('\n')}\n`;
  const more = violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more`] : [];
  return `${[
    ...head,
    `${violations.length} rules broken (again with --seed ${seed} --minutes ${minutes}):`,
    ...violations.slice(0, SHOWN).map((text) => `  ${text.slice(0, 600)}`),
    ...more,
    `The home is kept in ${folder}, what was done in actions.log there.`,
  ].join('\n')}\n`;
}
