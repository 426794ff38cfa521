import { describe, expect, it } from 'vitest';
import { mendLock } from '../../../build/lock-mend.mjs';

const lock = {
  lockfileVersion: 3,
  packages: {
    '': { optionalDependencies: { 'ours-linux-arm': '1.0.0' } },
    'node_modules/tool': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: {
        '@tool/binding-darwin-arm64': '2.0.0',
        '@tool/binding-linux-x64-gnu': '2.0.0',
        '@tool/binding-linux-x64-musl': '2.0.0',
        '@tool/extras': '2.0.0',
        fsevents: '^2.3.0',
      },
    },
    'node_modules/tool/node_modules/@tool/binding-linux-x64-gnu': { version: '2.0.0' },
  },
};

describe('mending the lock', () => {
  const { lock: mended, added } = mendLock(lock);

  it('adds what is missing, bound to the platform its name says', () => {
    expect(Object.fromEntries(added.map((path) => [path, mended.packages[path]]))).toEqual({
      'node_modules/ours-linux-arm': {
        version: '1.0.0',
        cpu: ['arm'],
        optional: true,
        os: ['linux'],
      },
      'node_modules/@tool/binding-darwin-arm64': {
        version: '2.0.0',
        cpu: ['arm64'],
        dev: true,
        optional: true,
        os: ['darwin'],
      },
      'node_modules/@tool/binding-linux-x64-musl': {
        version: '2.0.0',
        cpu: ['x64'],
        dev: true,
        libc: ['musl'],
        optional: true,
        os: ['linux'],
      },
      'node_modules/@tool/extras': {
        version: '2.0.0',
        cpu: ['none'],
        dev: true,
        optional: true,
        os: ['none'],
      },
    });
  });

  it('leaves what was there and adds nothing the second time', () => {
    expect(mended.packages).toMatchObject(lock.packages);
    expect(mendLock(mended).added).toEqual([]);
  });
});
