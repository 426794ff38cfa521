import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const resources = join(import.meta.dirname, '..', '..', '..', 'resources');
const STATES = ['idle', 'working', 'needs-you', 'problem'];

/** Width and height from the header of a PNG; null when there is no such file. */
function sizeOf(file: string): [number, number] | null {
  if (!existsSync(file)) return null;
  const png = readFileSync(file);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

test.each([
  ['Template', 16],
  ['Template@2x', 32],
  ['-light', 22],
  ['-light@2x', 44],
  ['-dark', 22],
  ['-dark@2x', 44],
  ['-light-16', 16],
  ['-light-16@2x', 32],
  ['-dark-16', 16],
  ['-dark-16@2x', 32],
])('each state of the lamp has a picture *%s of %i pixels', (suffix, size) => {
  expect(STATES.map((state) => sizeOf(join(resources, 'tray', `${state}${suffix}.png`)))).toEqual(
    STATES.map(() => [size, size]),
  );
});

test('no two states share a picture', () => {
  const pictures = STATES.map((state) =>
    readFileSync(join(resources, 'tray', `${state}Template.png`)).toString('hex'),
  );
  expect(new Set(pictures).size).toBe(STATES.length);
});

test('the app icon is there for each platform, its tables true to its files', () => {
  const icns = readFileSync(join(resources, 'icons', 'icon.icns'));
  const ico = readFileSync(join(resources, 'icons', 'icon.ico'));
  expect({
    png: sizeOf(join(resources, 'icons', '512x512.png')),
    icns: [icns.toString('latin1', 0, 4), icns.readUInt32BE(4) === icns.length],
    ico: [
      ico.readUInt16LE(2),
      ico.readUInt16LE(4),
      ico.readUInt32LE(6 + 8 + 6 * 16) + ico.readUInt32LE(6 + 12 + 6 * 16) === ico.length,
    ],
  }).toEqual({ png: [512, 512], icns: ['icns', true], ico: [1, 7, true] });
});
