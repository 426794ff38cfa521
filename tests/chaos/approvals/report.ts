import { figure, type Figure } from '../../bench/figure.ts';
import type { Report } from '../report.ts';
import { kills, type KillsResult } from './kills.ts';
import { races, type RacesResult } from './races.ts';

export interface ApprovalsOptions {
  /** Interleavings on the model; see model.ts. */
  readonly runs: number;
  /** Real processes killed; see kills.ts. */
  readonly kills: number;
  readonly seed: number;
  say(line: string): void;
}

/** Decides approvals under races and under kills, and tells it in figures and in words. */
export async function approvalsReport(options: ApprovalsOptions): Promise<Report> {
  const { seed } = options;
  const played = options.runs > 0 ? await races(options) : null;
  const killed = options.kills > 0 ? await kills(options) : null;
  const wrong = [...(played?.wrong ?? []), ...(killed?.wrong ?? [])];
  const figures = [...(played ? ofRaces(played) : []), ...(killed ? ofKills(killed) : [])];
  const rows = figures.map(({ name, value, unit }) => `  ${name}: ${value} ${unit}`.trimEnd());
  const counted = [played?.counts, killed?.counts].flatMap((counts) =>
    counts === undefined ? [] : [[...counts].map(([name, times]) => `${name} ${times}`).join(', ')],
  );
  const end =
    wrong.length === 0
      ? ['Every rule held.']
      : [`${wrong.length} wrong:`, ...wrong.map((text) => `  ${text.slice(0, 1_000)}`)];
  const text = `${[`seed ${seed}`, ...counted, ...rows, ...end].join('\n')}\n`;
  return { holds: wrong.length === 0, figures, text };
}

function ofRaces({ runs, tookMs, wrong }: RacesResult): Figure[] {
  return [
    figure('approvals: interleavings', runs, ''),
    figure('approvals: interleavings that broke a rule', wrong.length, '', { atMost: 0 }),
    figure('approvals: interleavings took', Math.round(tookMs / 1_000), 's'),
  ];
}

function ofKills({ killed, prompts, wrong, tookMs }: KillsResult): Figure[] {
  return [
    figure('approvals: processes killed', killed, ''),
    figure('approvals: prompts under kills', prompts, ''),
    figure('approvals: rules broken under kills', wrong.length, '', { atMost: 0 }),
    figure('approvals: kills took', Math.round(tookMs / 1_000), 's'),
  ];
}
