import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { trayIconFile } from '../../../../src/main/tray/tray-icon.ts';
import type { Lamp } from '../../../../src/main/tray/tray-state.ts';

const ICONS = join(
  dirname(fileURLToPath(import.meta.url)),
  ...Array.from({ length: 4 }, () => '..'),
  'resources',
  'tray',
);
const LAMPS: readonly Lamp[] = ['idle', 'working', 'needsYou', 'problem'];

test('suits the panel: light strokes on a dark one', () => {
  expect([
    trayIconFile('idle', 'darwin', true),
    trayIconFile('needsYou', 'linux', false, 'KDE'),
    trayIconFile('needsYou', 'linux', true, 'KDE'),
    trayIconFile('working', 'linux', false, 'ubuntu:GNOME'),
    trayIconFile('problem', 'win32', false, 'GNOME'),
  ]).toEqual([
    'idleTemplate.png',
    'needs-you-dark.png',
    'needs-you-light.png',
    'working-light.png',
    'problem-dark-16.png',
  ]);
});

test('each lamp has its picture on each platform, in both sizes', () => {
  const files = LAMPS.flatMap((lamp) =>
    (['darwin', 'linux', 'win32'] as const).flatMap((platform) =>
      [true, false].map((isDark) => trayIconFile(lamp, platform, isDark)),
    ),
  );
  const missing = files
    .flatMap((file) => [file, file.replace('.png', '@2x.png')])
    .filter((file) => !existsSync(join(ICONS, file)));
  expect(missing).toEqual([]);
});
