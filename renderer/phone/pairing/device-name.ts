import { MAX_DEVICE_NAME_CHARS } from '../../../src/protocol/devices.ts';

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/CrOS/, 'Chromebook'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
];
/** In this order: each names the ones after it too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Edg(?:A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/(?:Firefox|FxiOS)\//, 'Firefox'],
  [/(?:Chrome|CriOS)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

/**
 * What this phone is called until the person says otherwise: "Pixel 9, Chrome". An iPad says that it
 * is a Mac; its fingers give it away. Newer Androids only say "K".
 */
export function defaultDeviceName(userAgent: string, touchPoints = 0): string {
  const isIpad = userAgent.includes('Macintosh') && touchPoints > 1;
  const system = isIpad ? 'iPad' : (androidOf(userAgent) ?? named(SYSTEMS, userAgent) ?? 'Phone');
  const browser = named(BROWSERS, userAgent);
  const name = browser === null ? system : `${system}, ${browser}`;
  return name.slice(0, MAX_DEVICE_NAME_CHARS);
}

function androidOf(userAgent: string): string | null {
  const android = /Android[^;)]*(?:; ([^;)]+?))?(?: Build\/[^;)]*)?(?:;[^)]*)?\)/.exec(userAgent);
  if (android === null) return null;
  const model = android[1];
  return model === undefined || model === 'K' || model === 'Mobile' || model === 'Tablet'
    ? 'Android phone'
    : model;
}

function named(table: readonly (readonly [RegExp, string])[], userAgent: string): string | null {
  return table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
