import { describe, expect, it } from 'vitest';
import { requireNode } from '../../../../build/setup/node-version.mjs';
import { missingAmong, parseInstalled } from '../../../../build/setup/system-libraries.mjs';

describe('system packages', () => {
  it('are missing when never installed or removed, and present under their newer name', () => {
    const installed = parseInstalled(
      [
        'installed libnss3',
        'config-files libcups2',
        'not-installed xvfb',
        'installed libgtk-3-0t64',
        'dpkg-query: no packages found matching dbus',
      ].join('\n'),
    );
    expect(missingAmong(['libnss3', 'libcups2', 'xvfb', 'libgtk-3-0', 'dbus'], installed)).toEqual([
      'libcups2',
      'xvfb',
      'dbus',
    ]);
  });
});

describe('the Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '26.1.0'])('%s will do', (version) =>
    expect(() => requireNode(version)).not.toThrow(),
  );

  it.each(['18.20.0', '20.18.1', '20.9.0'])('%s is too old', (version) =>
    expect(() => requireNode(version)).toThrow(/20\.19 or newer is needed/),
  );
});
