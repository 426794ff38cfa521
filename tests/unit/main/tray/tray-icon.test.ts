import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { trayIconFile, type Picture } from '../../../../src/main/tray/tray-icon.ts';
import type { Lamp } from '../../../../src/main/tray/tray-state.ts';

const ICONS = join(
  dirname(fileURLToPath(import.meta.url)),
  ...Array.from({ length: 4 }, () => '..'),
  'resources',
  'tray',
);
const shown = (lamp: Lamp, isSafe = false): Picture => ({ lamp, isSafe });
const LAMPS: readonly Lamp[] = ['idle', 'working', 'needsYou', 'problem'];

test('suits the panel: light strokes on a dark one', () => {
  expect([
    trayIconFile(shown('idle'), 'darwin', true),
    trayIconFile(shown('needsYou'), 'linux', false, 'KDE'),
    trayIconFile(shown('needsYou'), 'linux', true, 'KDE'),
    trayIconFile(shown('working'), 'linux', false, 'ubuntu:GNOME'),
    trayIconFile(shown('problem'), 'win32', false, 'GNOME'),
    trayIconFile(shown('working', true), 'darwin', true),
    trayIconFile(shown('needsYou', true), 'win32', true),
  ]).toEqual([
    'idleTemplate.png',
    'needs-you-dark.png',
    'needs-you-light.png',
    'working-light.png',
    'problem-dark-16.png',
    'working-safeTemplate.png',
    'needs-you-safe-light-16.png',
  ]);
});

test('each lamp has its picture, with the lid and without, on each platform, in both sizes', () => {
  const files = LAMPS.flatMap((lamp) =>
    (['darwin', 'linux', 'win32'] as const).flatMap((platform) =>
      [true, false].flatMap((isDark) =>
        [true, false].map((isSafe) => trayIconFile(shown(lamp, isSafe), platform, isDark)),
      ),
    ),
  );
  const missing = files
    .flatMap((file) => [file, file.replace('.png', '@2x.png')])
    .filter((file) => !existsSync(join(ICONS, file)));
  expect(missing).toEqual([]);
});
