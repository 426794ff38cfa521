import { describe, expect, test } from 'vitest';
import { badgePicture, type Bitmap } from '../../../../src/main/badge/badge-picture.ts';
import { badgeFor } from '../../../../src/main/badge/badge.ts';

/** The digits as text: what is dark on the disk. */
function drawn({ size, pixels }: Bitmap): string[] {
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (__, x) => {
      const at = (y * size + x) * 4;
      const [blue = 0, , , alpha = 0] = pixels.subarray(at, at + 4);
      return alpha < 255 ? ' ' : blue === 0x14 ? '#' : '.';
    }).join(''),
  );
}

describe('the picture on a window’s taskbar button', () => {
  test.each([
    [7, 4, ['###', '..#', '..#', '..#', '..#']],
    [42, 3, ['#.#.###', '#.#...#', '###.###', '..#.#..', '..#.###']],
    [120, 2, ['###.###....', '#.#.#.#..#.', '###.###.###', '..#...#..#.', '###.###....']],
  ])('is a disk with the count in it: %i', (count, scale, digits) => {
    const rows = drawn(badgePicture(count));
    const inked = rows.filter((row) => row.includes('#'));
    const left = Math.min(...inked.map((row) => row.indexOf('#')));
    const seen = inked
      .filter((_, n) => n % scale === 0)
      .map((row) =>
        [...row]
          .slice(left, left + (digits[0]?.length ?? 0) * scale)
          .filter((__, n) => n % scale === 0)
          .join(''),
      );
    // Round: its corners are clear, and the middle of its edges is not.
    expect([seen, rows[0]?.[0], rows[1]?.[16]]).toEqual([digits, ' ', '.']);
  });
});

describe('the count on the app’s icon', () => {
  test.each(['darwin', 'linux'] as const)('%s: told when it changes, and only then', (platform) => {
    const counts: number[] = [];
    const badge = badgeFor(platform, {
      app: { setBadgeCount: (count) => counts.push(count) > 0 },
      window: () => null,
    });
    for (const count of [0, 2, 2, 0]) badge.show(count);
    badge.again();
    expect(counts).toEqual([2, 0]);
  });

  test('win32: on the window, and again on the next one', () => {
    const overlays: (readonly [boolean, string])[] = [];
    let isOpen = false;
    const badge = badgeFor('win32', {
      app: { setBadgeCount: () => false },
      window: () =>
        isOpen
          ? { overlay: (picture, words) => void overlays.push([picture !== null, words]) }
          : null,
    });
    badge.show(1);
    isOpen = true;
    badge.again();
    badge.show(3);
    badge.show(0);
    expect(overlays).toEqual([
      [true, '1 needs you'],
      [true, '3 need you'],
      [false, ''],
    ]);
  });
});
