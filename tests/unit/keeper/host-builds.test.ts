import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { HostBuilds } from '../../../src/keeper/host-builds.ts';
import { homeOf, makeHome, type Home } from '../../../src/local/home.ts';
import {
  failedBuild,
  isNewer,
  wantBuild,
  wantedBuild,
  type HostBuild,
} from '../../../src/local/host-build.ts';

let folder: string;
let home: Home;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'builds-'));
  home = homeOf({ PORCHLIGHT_HOME: join(folder, 'home') });
  makeHome(home);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(version: string, name = version): HostBuild {
  const dist = join(folder, name, 'dist');
  mkdirSync(join(dist, 'host'), { recursive: true });
  writeFileSync(join(dist, 'host', 'main.js'), '');
  return { execPath: process.execPath, dist, version, isElectron: false };
}

const builds = (own: HostBuild): HostBuilds => new HostBuilds(home, own, silentLogger);
const died = { code: 1, upMs: 300, wasAsked: false };
const ranWell = { code: null, upMs: 60_000, wasAsked: false };

describe('the build of the next host', () => {
  it("is the keeper's own, until somebody wants another", () => {
    const [own, wanted] = [build('1.0.0'), build('2.0.0')];
    const choice = builds(own);
    const first = choice.next();
    wantBuild(home, wanted);
    expect([
      first,
      choice.next(),
      statSync(join(home.keeperState, 'build.json')).mode & 0o777,
    ]).toEqual([own, wanted, 0o600]);
  });

  it('goes back to the last good one when a new one dies three times in a row at its start', () => {
    const [own, good, broken] = [build('1.0.0'), build('2.0.0'), build('3.0.0')];
    const choice = builds(own);
    wantBuild(home, good);
    choice.next();
    choice.ended(ranWell);
    wantBuild(home, broken);
    const started = [1, 2, 3, 4].map(() => {
      const { version } = choice.next();
      choice.ended(died);
      return version;
    });
    expect([started, failedBuild(home)]).toEqual([['3.0.0', '3.0.0', '3.0.0', '2.0.0'], broken]);
  });

  it('never gives up a build that ran well once', () => {
    const [own, wanted] = [build('1.0.0'), build('2.0.0')];
    const choice = builds(own);
    wantBuild(home, wanted);
    choice.next();
    choice.ended(ranWell);
    for (let deaths = 0; deaths < 9; deaths += 1) {
      expect(choice.next()).toEqual(wanted);
      choice.ended(died);
    }
  });

  it('does not count restarts that were asked for as deaths', () => {
    const wanted = build('2.0.0');
    const choice = builds(build('1.0.0'));
    wantBuild(home, wanted);
    for (let times = 0; times < 9; times += 1) {
      expect(choice.next()).toEqual(wanted);
      choice.ended({ code: 0, upMs: 2_000, wasAsked: true });
    }
  });

  it('goes back at once from one that refuses, and tries it again when the old one refuses too', () => {
    const [own, wanted] = [build('1.0.0'), build('2.0.0')];
    const choice = builds(own);
    wantBuild(home, wanted);
    const refuses = { code: 78, upMs: 200, wasAsked: false };
    const started = [1, 2, 3].map(() => {
      const { version } = choice.next();
      choice.ended(refuses);
      return version;
    });
    expect(started).toEqual(['2.0.0', '1.0.0', '2.0.0']);
  });

  it('is tried again when it is wanted again, and remembered as failed by the next keeper', () => {
    const [own, broken] = [build('1.0.0'), build('2.0.0')];
    const choice = builds(own);
    wantBuild(home, broken);
    for (let deaths = 0; deaths < 3; deaths += 1) {
      choice.next();
      choice.ended(died);
    }
    const next = builds(own);
    const remembered = next.next().version;
    wantBuild(home, broken);
    expect([remembered, next.next().version]).toEqual(['1.0.0', '2.0.0']);
  });

  it('is not one whose files are gone', () => {
    const [own, moved] = [build('1.0.0'), build('2.0.0')];
    wantBuild(home, moved);
    rmSync(moved.dist, { recursive: true });
    expect(builds(own).next()).toEqual(own);
  });

  it("is the new keeper's own when a wish of old is no newer", () => {
    const own = build('2.0.0');
    const left = ['1.9.9', '2.0.0', '2.0.1'].map((version) => {
      wantBuild(home, build(version, `other-${version}`));
      return [builds(own).next().version, wantedBuild(home) !== null];
    });
    expect(left).toEqual([
      ['2.0.0', false],
      ['2.0.0', false],
      ['2.0.1', true],
    ]);
  });

  it.each([
    '{',
    '[]',
    '{"execPath":"node","dist":"/d","version":"9.0.0","isElectron":false}',
    '{"execPath":"/bin/node","dist":"../d","version":"9.0.0","isElectron":false}',
    '{"execPath":"/bin/node","dist":"/d","version":9,"isElectron":false}',
    '{"execPath":"/bin/node","dist":"/d\\u0000","version":"9.0.0","isElectron":false}',
    '{"execPath":"/bin/node","dist":"/d","version":"9.0.0"}',
  ])('is not read from %s', (text) => {
    writeFileSync(join(home.keeperState, 'build.json'), text);
    const own = build('1.0.0');
    expect([builds(own).next(), existsSync(own.dist)]).toEqual([own, true]);
  });
});

it.each([
  ['1.2.3', '1.2.2', true],
  ['1.10.0', '1.9.9', true],
  ['1.2.3', '1.2.3', false],
  ['1.2.3', '1.2.3-beta.2', true],
  ['1.2.3-beta.10', '1.2.3-beta.9', true],
  ['1.2.3-beta.2', '1.2.3', false],
  ['unknown', '1.0.0', false],
  ['1.0.0', 'unknown', false],
])('%s is newer than %s: %s', (version, than, newer) => {
  expect(isNewer(version, than)).toBe(newer);
});
