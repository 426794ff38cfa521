import { figure, type Figure } from '../../bench/figure.ts';
import { runSyncChaos, type SyncResult } from './sync-chaos.ts';

export { sweep } from '../report.ts';

export interface SyncReportOptions {
  readonly cuts: number;
  readonly seed: number;
  say(line: string): void;
}

const SHOWN = 40;
const DEFAULTS = { devices: 12, sessions: 3, gapMs: 25 };

export async function syncReport({ say, ...options }: SyncReportOptions): Promise<{
  readonly holds: boolean;
  readonly figures: readonly Figure[];
  readonly text: string;
}> {
  const result = await runSyncChaos({ ...DEFAULTS, ...options, log: say });
  const holds = result.violations.length === 0;
  return { holds, figures: figuresOf(result), text: textOf(result, options.seed) };
}

function figuresOf(result: SyncResult): Figure[] {
  const { violations, cuts, events, commands, refused, connections, seconds } = result;
  return [
    figure('sync: rules broken', violations.length, '', { atMost: 0 }),
    figure('sync: cuts', cuts, ''),
    figure('sync: connections of devices', connections, ''),
    figure('sync: commands, each done once', commands - refused, ''),
    figure('sync: commands refused', refused, ''),
    figure('sync: events', events, ''),
    figure('sync: took', seconds, 's'),
  ];
}

function textOf(result: SyncResult, seed: number): string {
  const { violations, counts, cuts } = result;
  const actions = [...counts].map(([name, times]) => `${name} ${times}`).join(', ');
  const rows = figuresOf(result).map(({ name, value, unit }) =>
    `  ${name}: ${value} ${unit}`.trimEnd(),
  );
  const head = [`seed ${seed}: ${actions}`, ...rows];
  if (violations.length === 0)
    return `${[...head, 'Every history is the host’s, byte by byte.'].join('\n')}\n`;
  return `${[
    ...head,
    `${violations.length} rules broken (again with --seed ${seed} --cuts ${cuts}):`,
    ...violations.slice(0, SHOWN).map((text) => `  ${text.slice(0, 600)}`),
  ].join('\n')}\n`;
}
