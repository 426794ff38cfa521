// node build/icons/render.mjs: draws the pictures in resources/ from the SVGs beside this file, with
// Chromium (CHROMIUM, else /usr/bin/chromium). Run by hand after a change; the results are committed.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { icns, ico } from './containers.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const resources = join(here, '..', '..', 'resources');
const STATES = ['idle', 'working', 'needs-you', 'problem'];
/**
 * "The lid may be closed": the lamp stands on a closed one. Its foot goes below `foot`, in units of the
 * grid, and a bar across the whole picture takes its place.
 */
const LID = {
  16: { foot: 14, bar: 'M1 15h14v1H1z' },
  22: { foot: 19, bar: 'M2 20h18v2H2z' },
};

/**
 * What each panel takes. `name` is the file without `.png`, `grid` which drawing suits the size. Electron
 * finds the `@2x` beside a file by itself, and takes a name that ends in Template as one on macOS.
 */
const VARIANTS = [
  { name: (state) => `${state}Template`, grid: 16, color: '#000', scales: [1, 2] },
  { name: (state) => `${state}-light`, grid: 22, color: '#fff', scales: [1, 2] },
  { name: (state) => `${state}-dark`, grid: 22, color: '#1c1c1c', scales: [1, 2] },
  { name: (state) => `${state}-light-16`, grid: 16, color: '#fff', scales: [1, 2] },
  { name: (state) => `${state}-dark-16`, grid: 16, color: '#1c1c1c', scales: [1, 2] },
];
const APP_SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/**
 * Of the phone's app. A phone cuts the last two to its own shape: the night goes to the edge, and
 * the lamp keeps `reach` units of room around it.
 */
const PHONE_ICONS = [
  ['192.png', 192, null],
  ['512.png', 512, null],
  ['maskable-512.png', 512, 40],
  ['apple-touch.png', 180, -10],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // Root has no sandbox; the pages hold only our own drawings.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const page = await browser.newPage();
  mkdirSync(join(resources, 'tray'), { recursive: true });
  mkdirSync(join(resources, 'icons'), { recursive: true });
  for (const state of STATES)
    for (const isSafe of [false, true])
      for (const { name, grid, color, scales } of VARIANTS)
        for (const scale of scales) {
          const drawn = readFileSync(join(here, `${state}-${grid}.svg`), 'utf8');
          const svg = isSafe ? onLid(drawn, grid) : drawn;
          const file = `${name(isSafe ? `${state}-safe` : state)}${scale === 1 ? '' : `@${scale}x`}.png`;
          writeFileSync(join(resources, 'tray', file), await draw(page, svg, grid * scale, color));
        }
  const appSvg = readFileSync(join(here, 'app.svg'), 'utf8');
  const app = new Map();
  for (const size of APP_SIZES) app.set(size, await draw(page, appSvg, size, '#000'));
  for (const size of [128, 256, 512])
    writeFileSync(join(resources, 'icons', `${size}x${size}.png`), app.get(size));
  mkdirSync(join(resources, 'phone'), { recursive: true });
  for (const [file, size, reach] of PHONE_ICONS)
    writeFileSync(
      join(resources, 'phone', file),
      await draw(page, toTheEdge(appSvg, reach), size, '#000'),
    );
  // In the bar of Android, which takes its outline alone. Small: it lies within each notification.
  const outline = readFileSync(join(here, 'needs-you-22.svg'), 'utf8');
  writeFileSync(join(resources, 'phone', 'badge.png'), await draw(page, outline, 96, '#fff'));
  writeFileSync(join(resources, 'icons', 'icon.png'), app.get(1024));
  writeFileSync(join(resources, 'icons', 'icon.icns'), icns(app));
  writeFileSync(join(resources, 'icons', 'icon.ico'), ico(app));
} finally {
  await browser.close();
}
for (const folder of ['tray', 'icons', 'phone'])
  process.stdout.write(
    `resources/${folder}: ${readdirSync(join(resources, folder)).length} files\n`,
  );

async function draw(page, svg, size, color) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>body{margin:0;color:${color}}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
  );
  return await page.screenshot({ omitBackground: true });
}

function onLid(svg, grid) {
  const { foot, bar } = LID[grid];
  return svg.replace(
    /^(<svg[^>]*>)(.*)(<\/svg>)/su,
    `$1<clipPath id="above"><path d="M0 0h${grid}v${foot}H0z"/></clipPath><g clip-path="url(#above)">$2</g><path d="${bar}"/>$3`,
  );
}

function toTheEdge(svg, reach) {
  if (reach === null) return svg;
  const side = 512 + 2 * reach;
  return svg
    .replace('viewBox="0 0 512 512"', `viewBox="${-reach} ${-reach} ${side} ${side}"`)
    .replaceAll(
      'x="24" y="24" width="464" height="464" rx="104"',
      `x="${-reach}" y="${-reach}" width="${side}" height="${side}"`,
    );
}
