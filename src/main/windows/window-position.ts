/** In device-independent pixels, as Electron counts. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const DEFAULT_SIZE = { width: 1_180, height: 780 };
export const MIN_SIZE = { width: 420, height: 480 };
/** So much of the title bar must be within reach of the pointer. */
const REACHABLE = { width: 120, height: 40 };

/**
 * Where to open: where the window last was, made to fit the display it was most on; in the middle of
 * the first display when it was nowhere that still exists.
 */
export function windowPosition(last: Box | null, workAreas: readonly Box[]): Box {
  const first = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE };
  if (last === null) return centred(DEFAULT_SIZE, first);
  const home = workAreas.reduce(
    (best, area) => (overlap(last, area) > overlap(last, best) ? area : best),
    first,
  );
  const size = {
    width: clamp(last.width, MIN_SIZE.width, home.width),
    height: clamp(last.height, MIN_SIZE.height, home.height),
  };
  if (!isReachable({ ...last, ...size }, home)) return centred(size, home);
  return {
    ...size,
    x: clamp(last.x, home.x, home.x + home.width - size.width),
    y: clamp(last.y, home.y, home.y + home.height - size.height),
  };
}

function centred(size: { width: number; height: number }, area: Box): Box {
  const width = Math.min(size.width, area.width);
  const height = Math.min(size.height, area.height);
  return {
    x: Math.round(area.x + (area.width - width) / 2),
    y: Math.round(area.y + (area.height - height) / 2),
    width,
    height,
  };
}

function isReachable(box: Box, area: Box): boolean {
  const bar = { ...box, height: REACHABLE.height };
  return overlapWidth(bar, area) >= REACHABLE.width && overlapHeight(bar, area) > 0;
}

function overlap(a: Box, b: Box): number {
  return overlapWidth(a, b) * overlapHeight(a, b);
}

function overlapWidth(a: Box, b: Box): number {
  return Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x));
}

function overlapHeight(a: Box, b: Box): number {
  return Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));
}

/** `min` gives way to `max`: a display may be smaller than the smallest window. */
function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
