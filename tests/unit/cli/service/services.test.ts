import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProgramRun } from '../../../../src/cli/doctor/run-program.ts';
import type { ServicePlan, ServiceWorld } from '../../../../src/cli/service/service.ts';
import { systemdService } from '../../../../src/cli/service/service.linux.ts';
import { launchdService } from '../../../../src/cli/service/service.macos.ts';
import { taskService } from '../../../../src/cli/service/service.windows.ts';

let folder: string;
let calls: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-'));
  calls = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plan = (): ServicePlan => ({
  name: 'porchlight',
  command: '/usr/bin/node',
  args: ['/opt/porchlight/dist/keeper/main.js'],
  env: {},
  keeperState: join(folder, 'keeper'),
});

type Answers = (line: string) => Partial<ProgramRun> | undefined;

/** A machine whose tools answer as recorded; all else succeeds silently. */
function world(answers: Answers = () => undefined): ServiceWorld {
  return {
    platform: 'linux',
    env: { USERDOMAIN: 'PC' },
    userFolder: folder,
    userName: 'ann',
    uid: 1000,
    run: async (command, args) => {
      const line = [command, ...args].join(' ').replaceAll(folder, '~');
      calls.push(line);
      const done: ProgramRun = { code: 0, stdout: '', stderr: '', ms: 1, problem: null };
      const answer = answers(line);
      const code = answer?.code ?? 0;
      return { ...done, problem: code === 0 ? null : 'failed', ...answer };
    },
  };
}

describe('systemd', () => {
  const unit = () => join(folder, '.config/systemd/user/porchlight.service');
  /** As `systemctl enable` and `disable` leave the folder. */
  const links: Answers = (line) => {
    const wants = join(folder, '.config/systemd/user/default.target.wants');
    if (line.includes(' enable porch')) {
      mkdirSync(wants, { recursive: true });
      rmSync(join(wants, 'porchlight.service'), { force: true });
      symlinkSync(unit(), join(wants, 'porchlight.service'));
    }
    if (line.includes(' disable ')) rmSync(join(wants, 'porchlight.service'), { force: true });
    return line.startsWith('loginctl show-user') ? { stdout: 'yes\n' } : undefined;
  };
  const make = (answers: Answers, name = 'booted') => {
    mkdirSync(join(folder, 'booted'), { recursive: true });
    return systemdService(plan(), world(answers), {
      booted: join(folder, name),
      runtime: join(folder, 'run'),
      linger: join(folder, 'linger'),
    });
  };

  it('installs, is read back, installs again without harm, and goes away', async () => {
    const service = make(links);
    const before = await service.status();
    calls = [];
    await service.install();
    const first = [...calls];
    await service.install();
    const between = await service.status();
    await service.remove();
    await service.remove();
    const none = { installed: false, enabled: false, kind: 'systemd', current: false, remarks: [] };
    expect([before, first, between, await service.status(), existsSync(unit())]).toEqual([
      none,
      [
        'systemctl --user show-environment',
        'systemctl --user daemon-reload',
        'systemctl --user enable porchlight.service',
        'systemctl --user start porchlight.service',
        'loginctl show-user 1000 --property=Linger --value',
      ],
      { installed: true, enabled: true, kind: 'systemd', current: true, remarks: [] },
      none,
      false,
    ]);
  });

  it('notices a unit that starts another build, and mends it', async () => {
    const service = make(links);
    await service.install();
    writeFileSync(unit(), readFileSync(unit(), 'utf8').replace('/opt/', '/old/'));
    const stale = await service.status();
    await service.install();
    expect([stale.current, (await service.status()).current]).toEqual([false, true]);
  });

  it('asks for linger, and says how to when it may not', async () => {
    const service = make((line) => {
      if (line.startsWith('loginctl show-user')) return { stdout: 'no\n' };
      if (line.includes('enable-linger'))
        return { code: 1, stderr: 'Could not enable linger: Access denied\n' };
      return links(line);
    });
    await service.install();
    expect([calls.at(-1), (await service.status()).remarks]).toEqual([
      'loginctl --no-ask-password enable-linger',
      [expect.stringContaining('sudo loginctl enable-linger ann')],
    ]);
  });

  it('reads linger from the file where logind does not show the user', async () => {
    const service = make((line) =>
      line.startsWith('loginctl')
        ? { code: 1, stderr: 'Failed to get user: User ID 1000 is not logged in or lingering\n' }
        : links(line),
    );
    await service.install();
    const without = (await service.status()).remarks.length;
    mkdirSync(join(folder, 'linger'));
    writeFileSync(join(folder, 'linger', 'ann'), '');
    expect([without, (await service.status()).remarks.length]).toEqual([1, 0]);
  });

  it.each([
    [
      'Failed to connect to bus: No medium found\n',
      /No systemd of yours runs.*sudo loginctl enable-linger ann/,
    ],
    [
      'Failed to connect to bus: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined (consider using --machine=<user>@.host --user to connect to bus of other user)\n',
      /No systemd of yours runs/,
    ],
    [
      'Failed to connect to user scope bus via local transport: No such file or directory\n',
      /No systemd of yours runs/,
    ],
    ['Refusing to operate\n', /show-environment failed: Refusing to operate/],
  ])('writes nothing and says the fix when systemctl says %s', async (stderr, words) => {
    const service = make((line) =>
      line.startsWith('systemctl') ? { code: 1, stderr } : undefined,
    );
    await expect(service.install()).rejects.toThrow(words);
    expect(readdirSync(folder)).toEqual(['booted']);
  });

  it('says what to do in a container without systemd', async () => {
    const service = make(links, 'not-booted');
    await expect(service.install()).rejects.toThrow(/not started by systemd.*porchlight host run/);
    expect(calls).toEqual([]);
  });

  it('is removed also where no manager answers', async () => {
    await make(links).install();
    const offline = make(() => ({ code: 1, stderr: 'Failed to connect to bus\n' }));
    await offline.remove();
    expect((await offline.status()).installed).toBe(false);
  });
});

const RUNNING = `gui/501/dev.porchlight.keeper = {
	active count = 1
	path = /Users/ann/Library/LaunchAgents/dev.porchlight.keeper.plist
	type = LaunchAgent
	state = running

	program = /usr/local/bin/node
	pid = 4711
}
`;
const NOT_RUNNING = RUNNING.replace('state = running', 'state = not running').replace(
  '\tpid = 4711\n',
  '',
);
const MISSING = {
  code: 113,
  stderr: 'Could not find service "dev.porchlight.keeper" in domain for user gui: 501\n',
};

describe('launchd', () => {
  const make = (answers: Answers) => launchdService(plan(), { ...world(answers), uid: 501 }, 1);
  const print = 'launchctl print gui/501/dev.porchlight.keeper';
  const file = () => join(folder, 'Library/LaunchAgents/dev.porchlight.keeper.plist');

  it('installs what is not loaded', async () => {
    await make((line) => (line === print ? MISSING : undefined)).install();
    expect([calls, existsSync(file())]).toEqual([
      [
        'launchctl print gui/501',
        'launchctl enable gui/501/dev.porchlight.keeper',
        print,
        'launchctl bootstrap gui/501 ~/Library/LaunchAgents/dev.porchlight.keeper.plist',
      ],
      true,
    ]);
  });

  it('leaves a keeper that runs alone, also when its file changed', async () => {
    const service = make((line) => (line === print ? { stdout: RUNNING } : undefined));
    await service.install();
    await service.install();
    await service.remove();
    expect(calls.filter((line) => /bootout|bootstrap/.test(line))).toEqual([]);
  });

  it('loads a changed file anew when nothing runs, waiting out what launchd still tidies', async () => {
    let refusals = 2;
    await make((line) => {
      if (line === print) return { stdout: NOT_RUNNING };
      if (line.includes('bootstrap') && refusals-- > 0)
        return { code: 5, stderr: 'Bootstrap failed: 5: Input/output error\n' };
      return undefined;
    }).install();
    expect(calls.slice(3).map((line) => line.split(' ')[1])).toEqual([
      'bootout',
      'bootstrap',
      'bootstrap',
      'bootstrap',
    ]);
  });

  it('says so when nobody is logged in at the screen, and writes nothing', async () => {
    const service = make((line) =>
      line === 'launchctl print gui/501'
        ? { code: 125, stderr: 'Domain does not support specified action\n' }
        : undefined,
    );
    await expect(service.install()).rejects.toThrow(/not logged in at the screen/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['disabled services = {\n\t\t"dev.porchlight.keeper" => disabled\n\t}\n', false],
    ['disabled services = {\n\t\t"dev.porchlight.keeper" => true\n\t}\n', false],
    ['disabled services = {\n\t\t"dev.porchlight.keeper" => enabled\n\t}\n', true],
    ['disabled services = {\n\t\t"dev.other" => disabled\n\t}\n', true],
  ])('reads whether it is switched off from %s', async (stdout, enabled) => {
    const service = make((line) => {
      if (line === print) return MISSING;
      return line === 'launchctl print-disabled gui/501' ? { stdout } : undefined;
    });
    await service.install();
    expect(await service.status()).toMatchObject({ installed: true, enabled, current: true });
  });
});

describe('the Task Scheduler', () => {
  /** As exported by schtasks: the text that was given, `&quot;` written out. */
  const exported = (enabled: boolean): string =>
    `<Task><Settings><Enabled>${enabled}</Enabled></Settings><Actions><Exec><Arguments>//B //Nologo //E:JScript &quot;${join(folder, 'keeper', 'service.js')}&quot;</Arguments></Exec></Actions></Task>`;
  const make = (answers: Answers) => taskService(plan(), { ...world(answers), platform: 'win32' });

  it('installs, runs at once and leaves only its script', async () => {
    await make(() => undefined).install();
    expect([calls, readdirSync(join(folder, 'keeper'))]).toEqual([
      [
        'schtasks.exe /create /tn porchlight /xml ~/keeper/service.xml /f',
        'schtasks.exe /run /tn porchlight',
      ],
      ['service.js'],
    ]);
  });

  it.each([
    [true, true],
    [false, false],
  ])('reads back whether it is switched on (%s)', async (on, enabled) => {
    const service = make((line) => (line.includes('/xml') ? { stdout: exported(on) } : undefined));
    await service.install();
    expect(await service.status()).toEqual({
      installed: true,
      enabled,
      kind: 'task',
      current: true,
      remarks: [],
    });
  });

  it('is not installed when schtasks does not find it', async () => {
    const service = make(() => ({
      code: 1,
      stderr: 'ERROR: The system cannot find the file specified.\r\n',
    }));
    expect(await service.status()).toMatchObject({ installed: false, enabled: false });
    await service.remove();
  });

  it('says what to do when tasks are forbidden', async () => {
    const service = make(() => ({ code: 1, stderr: 'ERROR: Access is denied.\r\n' }));
    await expect(service.install()).rejects.toThrow(/Access is denied.*Start at login/);
  });
});
