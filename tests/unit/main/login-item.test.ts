import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homeOf } from '../../../src/local/home.ts';
import { loginItem, type LoginItemNeeds } from '../../../src/main/login-item.ts';
import { desktopEntry } from '../../../src/main/login-item.linux.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'login-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const needs = (more: Partial<LoginItemNeeds> = {}): LoginItemNeeds => ({
  home: homeOf({ PORCHLIGHT_HOME: join(folder, '.porchlight') }),
  env: {},
  userFolder: folder,
  program: '/opt/Porchlight/porchlight',
  args: [],
  system: { getLoginItemSettings: () => ({ openAtLogin: false }), setLoginItemSettings: () => {} },
  ...more,
});
const file = (name = 'porchlight.desktop') => join(folder, '.config', 'autostart', name);

describe('on Linux', () => {
  const make = (more: Partial<LoginItemNeeds> = {}) => {
    const item = loginItem('linux', needs(more));
    if (item === null) throw new Error('no login item');
    return item;
  };

  it('is an entry that is written, read back and taken away, twice in a row too', () => {
    const item = make();
    const before = item.isOn();
    item.set(true);
    item.set(true);
    const text = readFileSync(file(), 'utf8');
    const between = item.isOn();
    item.set(false);
    item.set(false);
    expect([before, between, item.isOn(), existsSync(file())]).toEqual([false, true, false, false]);
    expect(text.split('\n').filter((line) => /^(Exec|X-P)/.test(line))).toEqual([
      'Exec="/opt/Porchlight/porchlight" "--hidden"',
      'X-Porchlight-Program=/opt/Porchlight/porchlight',
    ]);
  });

  it('has an entry of its own for another home, which it names', () => {
    const home = homeOf({ PORCHLIGHT_HOME: join(folder, 'other home') });
    make({ home }).set(true);
    expect([make().isOn(), make({ home }).isOn()]).toEqual([false, true]);
  });

  it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
    'is off when the desktop has switched it off with %s',
    (line) => {
      const item = make();
      item.set(true);
      const text = readFileSync(file(), 'utf8').replace(/X-GNOME.*\n/, '');
      writeFileSync(file(), `${text}${line}\n`);
      const off = item.isOn();
      item.set(true);
      expect([off, item.isOn()]).toEqual([false, true]);
    },
  );

  it('follows an app that has moved, and not one that is still there', () => {
    const there = join(folder, 'there');
    mkdirSync(there);
    make({ program: there }).set(true);
    make().mend();
    const kept = readFileSync(file(), 'utf8').includes(there);
    make({ program: join(folder, 'gone \\ $x') }).set(true);
    make().mend();
    expect([kept, readFileSync(file(), 'utf8').includes('/opt/Porchlight/porchlight')]).toEqual([
      true,
      true,
    ]);
  });

  it('does not exist inside Flatpak', () => {
    expect(loginItem('linux', needs({ env: { FLATPAK_ID: 'dev.porchlight' } }))).toBe(null);
  });

  it('quotes by the rules of the specification', () => {
    const program = `/opt/My "Apps" $HOME \`x\` \\y`;
    const exec = desktopEntry({ before: [], program, args: ['--hidden'] }).split('\n')[4];
    expect(exec).toBe('Exec="/opt/My \\\\"Apps\\\\" \\\\$HOME \\\\`x\\\\` \\\\\\\\y" "--hidden"');
  });

  it.skipIf(spawnSync('gio', ['version']).error !== undefined)(
    'is started by GLib with its words as they are',
    () => {
      const program = join(folder, `say "it" 100% a=b $HOME \`x\` \\y ü`);
      const said = join(folder, 'said');
      writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >'${said}'\n`, { mode: 0o755 });
      writeFileSync(
        join(folder, 'x.desktop'),
        desktopEntry({ before: [], program, args: ['a %f "b"'] }),
      );
      spawnSync('gio', ['launch', join(folder, 'x.desktop')], { timeout: 10_000 });
      const deadline = Date.now() + 5_000;
      while (!existsSync(said) && Date.now() < deadline) spawnSync('sleep', ['0.05']);
      expect(readFileSync(said, 'utf8').split('\n').slice(0, 2)).toEqual([program, 'a %f "b"']);
    },
  );
});

describe('on macOS and Windows', () => {
  it.each([
    ['darwin', {}],
    ['win32', { path: 'C:\\P\\porchlight.exe', args: ['--hidden'] }],
  ] as const)('is what the system has (%s)', (platform, which) => {
    const asked: unknown[] = [];
    let on = false;
    const item = loginItem(
      platform,
      needs({
        program: 'C:\\P\\porchlight.exe',
        system: {
          getLoginItemSettings: (options) => {
            asked.push(options);
            return { openAtLogin: on };
          },
          setLoginItemSettings: (settings) => {
            asked.push(settings);
            on = settings.openAtLogin;
          },
        },
      }),
    );
    item?.set(true);
    expect([item?.isOn(), asked]).toEqual([true, [{ ...which, openAtLogin: true }, which]]);
  });

  it('is not offered for a home that it could not name', () => {
    const home = homeOf({ PORCHLIGHT_HOME: '/elsewhere' });
    expect(loginItem('darwin', needs({ home }))).toBe(null);
  });
});
