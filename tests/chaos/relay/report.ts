import { figure, type Figure } from '../../bench/figure.ts';
import type { Report } from '../report.ts';
import { middle, worst } from './gaps.ts';
import { runRelayChaos, type RelayChaosOptions, type RelayChaosResult } from './relay-chaos.ts';

export type RelayReportOptions = Pick<RelayChaosOptions, 'minutes' | 'seed'> & {
  /** Without: as much as `npm run chaos -- relay` has. */
  readonly sizes?: Pick<RelayChaosOptions, 'few' | 'many' | 'real' | 'nodeKills' | 'natsKills'>;
  say(line: string): void;
};

const SHOWN = 40;
const SIZES = {
  few: { hosts: 4, devices: 3 },
  many: { hosts: 20, devices: 5 },
  real: 2,
  nodeKills: 9,
  natsKills: 3,
};
/** As long as a whole run of the tests can spare. */
export const SHORT_SIZES = {
  few: { hosts: 3, devices: 2 },
  many: { hosts: 5, devices: 3 },
  real: 0,
  nodeKills: 2,
  natsKills: 1,
};

/** Kills parts of a cluster while hosts and devices talk, and tells it in figures and in words. */
export async function relayReport(options: RelayReportOptions): Promise<Report> {
  const { minutes, seed, sizes = SIZES, say } = options;
  const result = await runRelayChaos({ minutes, seed, ...sizes, log: say });
  const figures = figuresOf(result);
  const broken = figures.filter(({ holds }) => !holds);
  return { holds: broken.length === 0, figures, text: textOf(result, figures, options) };
}

function figuresOf(result: RelayChaosResult): Figure[] {
  const { violations, gaps, mail, counts } = result;
  const attacks = [...counts.values()].reduce((a, b) => a + b, 0);
  return [
    figure('relay: lost, doubled or otherwise wrong', violations.length, '', { atMost: 0 }),
    figure('relay: node killed, gap', middle(gaps.nodeMs), 'ms'),
    figure('relay: node killed, longest gap', worst(gaps.nodeMs), 'ms'),
    figure('relay: node killed, gap beyond the redial delay', middle(gaps.beyondRedialMs), 'ms', {
      atMost: 100,
    }),
    figure('relay: node killed, longest beyond it', worst(gaps.beyondRedialMs), 'ms'),
    figure('relay: NATS server killed, longest live gap', worst(gaps.natsMs), 'ms', {
      atMost: 500,
    }),
    figure('relay: NATS server killed, connections cut', gaps.natsCuts, '', { atMost: 0 }),
    figure('relay: mail acknowledged, and nobody there to send it again', mail.acknowledged, ''),
    figure('relay: of that lost', mail.lost.length, '', { atMost: 0 }),
    figure('relay: mail done after the host is back', middle(mail.doneAfterMs), 'ms'),
    figure('relay: mail done after it at the latest', worst(mail.doneAfterMs), 'ms'),
    figure('relay: attacks', attacks, ''),
    figure('relay: hosts', result.hosts, ''),
    figure('relay: devices', result.devices, ''),
    figure('relay: connections of devices', result.connections, ''),
    figure('relay: events', result.events, ''),
    figure('relay: commands, each done once', result.commands, ''),
    figure('relay: commands that came again', result.repeats, ''),
    figure('relay: longest apart with a node in reach', result.mostApartMs / 1_000, 's'),
    figure('relay: most memory of a node', result.mostNodeMiB, 'MiB'),
    figure('relay: took', Math.round(result.seconds), 's'),
  ];
}

function textOf(
  { violations, counts }: RelayChaosResult,
  figures: readonly Figure[],
  { seed, minutes }: RelayReportOptions,
): string {
  const actions = [...counts].map(([name, times]) => `${name} ${times}`).join(', ');
  const rows = figures.map(({ name, value, unit, goal, holds }) => {
    const against = goal === '' ? '' : ` (${goal}${holds ? '' : ': MISSED'})`;
    return `  ${name}: ${value} ${unit}`.trimEnd() + against;
  });
  const head = [`seed ${seed}, ${minutes} min: ${actions}`, ...rows];
  if (violations.length === 0) return `${[...head, 'The books balance.'].join('\n')}\n`;
  const more = violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more`] : [];
  return `${[
    ...head,
    `${violations.length} rules broken (again with --seed ${seed} --minutes ${minutes}):`,
    ...violations.slice(0, SHOWN).map((text) => `  ${text.slice(0, 600)}`),
    ...more,
  ].join('\n')}\n`;
}
