import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readMetrics } from '../../../support/metrics-lint.ts';
import { servedMetrics } from '../../../support/served-metrics.ts';

const file = join(import.meta.dirname, '../../../../deploy/grafana/porchlight-relay.json');
const panelSchema = z.object({
  id: z.number(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
    .optional(),
});
const dashboard = z
  .object({
    uid: z.string(),
    templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
    panels: z.array(panelSchema),
  })
  .parse(JSON.parse(readFileSync(file, 'utf8')));

/** Each metric that a query names, with the labels that it needs of it. */
function asked(expr: string): { name: string; labels: string[] }[] {
  const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  );
  return [...expr.matchAll(/\b(porchlight_relay_\w+|process_\w+)\{([^}]*)\}/g)].map(
    ([, name = '', selected = '']) => ({
      name,
      labels: [
        ...by,
        ...[...selected.matchAll(/(\w+)(?:=~|!=|=)/g)].map(([, label = '']) => label),
      ],
    }),
  );
}

/** What Prometheus itself adds to each. */
const ADDED = ['job', 'instance'];

test('every query of the dashboard is of metrics and labels that a relay serves', async () => {
  const served = new Map<string, Set<string>>();
  for (const { samples } of readMetrics(await servedMetrics()))
    for (const { name, labels } of samples) {
      const known = served.get(name) ?? new Set(ADDED);
      for (const [, label = ''] of labels.matchAll(/([^{,=]+)=/g)) known.add(label);
      served.set(name, known);
    }
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets);
  const wrong = queries.flatMap(({ expr, legendFormat }) => {
    const metrics = asked(expr);
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    if (metrics.length === 0) return [`no metric: ${expr}`];
    return metrics.flatMap(({ name, labels }) =>
      [...labels, ...shown]
        .filter((label) => served.get(name)?.has(label) !== true)
        .map((label) => `${name} has no ${label}`),
    );
  });
  expect(wrong).toEqual([]);
  expect(queries.length).toBeGreaterThan(50);
});

test('every metric that a relay serves is somewhere on the dashboard', async () => {
  const all = dashboard.panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .join('\n');
  const unseen = readMetrics(await servedMetrics()).filter(({ name }) => !all.includes(name));
  expect(unseen.map(({ name }) => name)).toEqual([]);
});

test('its panels stand beside each other, each in its own place', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const overlaps = panels.filter(({ id, gridPos: a }) =>
    panels.some(
      ({ id: other, gridPos: b }) =>
        id < other && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    ),
  );
  expect([
    overlaps.map(({ title }) => title),
    panels.every(({ gridPos: { x, w } }) => x + w <= 24),
  ]).toEqual([[], true]);
});
