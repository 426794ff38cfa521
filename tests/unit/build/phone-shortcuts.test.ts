import { expect, test } from 'vitest';
import { manifest } from '../../../build/phone/manifest.mjs';
import { hashOf, parentOf, routeOf } from '../../../renderer/phone/shell/route.ts';

test('each shortcut of the manifest is a place of its own, and back leads home', () => {
  const places = manifest.shortcuts.map(({ url }) => routeOf(url.replace('./', '')));
  expect(places.map(({ name }) => name)).toEqual(['summary', 'newSession']);
  expect(places.map((place) => `./${hashOf(place)}`)).toEqual(
    manifest.shortcuts.map(({ url }) => url),
  );
  expect(places.map(parentOf)).toEqual([{ name: 'home' }, { name: 'home' }]);
});
