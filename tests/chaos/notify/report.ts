import { figure, type Figure } from '../../bench/figure.ts';
import type { Report } from '../report.ts';
import { notifyChaos, type NotifyOptions, type NotifyResult } from './notify-chaos.ts';
import { few } from './rules.ts';

/** Tells people of what asks for them while everything between breaks, and tells it in figures and in words. */
export async function notifyReport(options: NotifyOptions): Promise<Report> {
  const result = await notifyChaos(options);
  const { counts, faults, lost, twice, asking, wrong } = result;
  const list = (of: ReadonlyMap<string, number>) =>
    [...of].map(([name, times]) => `${name} ${times}`).join(', ');
  const figures = figuresOf(result);
  const rows = figures.map(({ name, value, unit }) => `  ${name}: ${value} ${unit}`.trimEnd());
  const broken = [
    ...said('lost', lost),
    ...said('told twice', twice),
    ...said('still asking', asking),
    ...said('wrong', wrong),
  ];
  const end = broken.length === 0 ? ['Every rule held.'] : broken;
  const lines = [
    ...[`seed ${options.seed}`, list(counts), `faults: ${list(faults)}`],
    ...[...rows, ...end],
  ];
  return { holds: broken.length === 0, figures, text: `${lines.join('\n')}\n` };
}

function said(what: string, all: readonly string[]): string[] {
  return all.length === 0 ? [] : [`${all.length} ${what}:`, ...few(all).map((one) => `  ${one}`)];
}

function figuresOf(result: NotifyResult): Figure[] {
  const { events, lost, twice, asking, wrong, virtualMs, tookMs } = result;
  return [
    figure('notify: events', events, ''),
    figure('notify: lost', lost.length, '', { atMost: 0 }),
    figure('notify: told twice', twice.length, '', { atMost: 0 }),
    figure('notify: still asking after the decision', asking.length, '', { atMost: 0 }),
    figure('notify: otherwise wrong', wrong.length, '', { atMost: 0 }),
    figure('notify: hours that passed', virtualMs / 3_600_000, 'h'),
    figure('notify: took', Math.round(tookMs / 1_000), 's'),
  ];
}
