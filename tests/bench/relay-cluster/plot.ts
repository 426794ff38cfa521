import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Series {
  readonly name: string;
  /** Devices, MiB. */
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 24;
const TOP = 48;
const BOTTOM = 52;
const COLOURS = ['#2563a8', '#7a3fa0', '#8a8a8a'];
const LINES = 5;

/** Writes a plot for the documentation where `PORCHLIGHT_BENCH_PLOTS` names a folder; else none. */
export function plot(file: string, title: string, series: readonly Series[]): void {
  const folder = process.env.PORCHLIGHT_BENCH_PLOTS;
  if (folder !== undefined) writeFileSync(join(folder, file), svg(title, series));
}

export function svg(title: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const maxX = Math.max(1, ...all.map(([x]) => x));
  const maxY = roundUp(Math.max(1, ...all.map(([, y]) => y)));
  const x = (value: number): number => LEFT + (value / maxX) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / maxY) * (HEIGHT - TOP - BOTTOM);
  const steps = Array.from({ length: LINES + 1 }, (_, i) => i / LINES);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img" aria-label="${title}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="24" font-size="16" fill="#222222">${title}</text>
${steps.map((part) => gridLine(y(maxY * part), `${Math.round(maxY * part)}`)).join('\n')}
${steps.map((part) => tick(x(maxX * part), Math.round(maxX * part))).join('\n')}
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end" fill="#555555">connections</text>
<text x="8" y="${TOP - 10}" fill="#555555">MiB</text>
${series.map(({ name, points }, i) => curve(name, points, i, x, y)).join('\n')}
</svg>
`;
}

function curve(
  name: string,
  points: Series['points'],
  nth: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const colour = COLOURS[nth % COLOURS.length];
  const at = points.map(([px, py]) => [x(px).toFixed(1), y(py).toFixed(1)] as const);
  const line = `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${at.map((point) => point.join(',')).join(' ')}"/>`;
  const dots = at.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="${colour}"/>`);
  const label = `<text x="${LEFT + 16}" y="${TOP + 8 + nth * 18}" fill="${colour}">${name}</text>`;
  return [line, ...dots, label].join('\n');
}

const gridLine = (at: number, label: string): string =>
  `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}" stroke="#dddddd"/><text x="${LEFT - 8}" y="${(at + 4).toFixed(1)}" text-anchor="end" fill="#555555">${label}</text>`;

const tick = (at: number, value: number): string =>
  `<text x="${at.toFixed(1)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555555">${value.toLocaleString('en')}</text>`;

/** To a number that divides well. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const times = [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10].find((step) => step * unit >= value) ?? 10;
  return times * unit;
}
