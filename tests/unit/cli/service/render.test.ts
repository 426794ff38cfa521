import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchdPlist } from '../../../../src/cli/service/launchd-plist.ts';
import { refuseUnlasting, servicePlan } from '../../../../src/cli/service/service-plan.ts';
import type { ServicePlan } from '../../../../src/cli/service/service.ts';
import { execLine, quoteWord, systemdUnit } from '../../../../src/cli/service/systemd-unit.ts';
import { quoteArgument, startScript, taskXml } from '../../../../src/cli/service/task-xml.ts';
import { homeOf } from '../../../../src/local/home.ts';

const plan: ServicePlan = {
  name: 'porchlight-0a1b2c3d',
  command: '/opt/My Apps/node',
  args: ['/opt/My Apps/dist/keeper/main.js', '--log-to-file'],
  env: { PORCHLIGHT_HOME: '/home/ann/100% "mine"' },
  keeperState: '/home/ann/mine/keeper',
};

const needs = (home: string, isElectron = false) => ({
  home: homeOf({ PORCHLIGHT_HOME: home }),
  programs: { dist: '/opt/porchlight/dist', execPath: '/usr/bin/node' },
  env: {},
  userFolder: '/home/ann',
  isElectron,
});

describe('what is to be started', () => {
  it('has a name without a hash and needs no variable for the default home', () => {
    expect(servicePlan(needs('/home/ann/.porchlight'))).toEqual({
      name: 'porchlight',
      command: '/usr/bin/node',
      args: ['/opt/porchlight/dist/keeper/main.js', '--log-to-file'],
      env: {},
      keeperState: '/home/ann/.porchlight/keeper',
    });
  });

  it('has a name of its own for each other home, and runs Electron as Node', () => {
    const [one, two] = [servicePlan(needs('/h/one', true)), servicePlan(needs('/h/two', true))];
    expect([one.name === two.name, /^porchlight-[0-9a-f]{8}$/.test(one.name), one.env]).toEqual([
      false,
      true,
      { PORCHLIGHT_HOME: '/h/one', ELECTRON_RUN_AS_NODE: '1' },
    ]);
  });

  it('is refused where it would be gone or another user after a reboot', () => {
    const why = (env: NodeJS.ProcessEnv, execPath = '/usr/bin/node', uid = 1000): string => {
      try {
        const given = needs('/h');
        refuseUnlasting({ ...given, env, programs: { ...given.programs, execPath } }, uid);
        return '';
      } catch (error) {
        return String(error).slice(0, 50);
      }
    };
    expect([
      why({ APPDIR: '/tmp/.mount_x' }, '/tmp/.mount_x/porchlight'),
      why({ FLATPAK_ID: 'dev.porchlight' }),
      why({ SUDO_USER: 'ann' }, '/usr/bin/node', 0),
      why({}),
    ]).toEqual([
      'CliFailure: This is an AppImage, whose programs ar',
      'CliFailure: Porchlight runs inside Flatpak, where ',
      "CliFailure: Started by sudo this would be root's s",
      'CliFailure: There is no keeper at /opt/porchlight/',
    ]);
  });
});

describe('the systemd unit', () => {
  it('ends the keeper only, comes back after a crash, and knows no last try', () => {
    expect(systemdUnit(plan).split('\n').slice(1)).toEqual([
      '[Unit]',
      'Description=Porchlight keeper',
      'StartLimitIntervalSec=0',
      '',
      '[Service]',
      'Type=simple',
      'Environment="PORCHLIGHT_HOME=/home/ann/100%% \\"mine\\""',
      'ExecStart="/opt/My Apps/node" "/opt/My Apps/dist/keeper/main.js" "--log-to-file"',
      'KillMode=mixed',
      'TimeoutStopSec=45',
      'Restart=on-failure',
      'RestartSec=2',
      'OOMPolicy=continue',
      '',
      '[Install]',
      'WantedBy=default.target',
      '',
    ]);
  });

  it('quotes words by the rules of systemd', () => {
    expect([
      quoteWord(`a b'c"d\\e%f ü;`),
      execLine(['/bin/node', '$HOME/x', 'a$b']),
      execLine(['/opt/a$b/node', '$HOME/x']),
    ]).toEqual([
      `"a b'c\\"d\\\\e%%f ü;"`,
      '"/bin/node" "$$HOME/x" "a$$b"',
      '/bin/sh -c "exec \\"$$0\\" \\"$$@\\"" "/opt/a$$b/node" "$$HOME/x"',
    ]);
    expect(() => quoteWord('a\nExecStartPre=/bin/evil')).toThrow(/without control characters/);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).error !== undefined)(
    'is accepted by systemd itself',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'unit-'));
      try {
        const file = join(folder, 'porchlight.service');
        writeFileSync(file, systemdUnit({ ...plan, command: process.execPath }));
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
          encoding: 'utf8',
          env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
        });
        expect([
          status,
          stderr.split('\n').filter((line) => line.includes('porchlight.service')),
        ]).toEqual([0, []]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('the launchd agent', () => {
  it('escapes what is special in XML, and keeps what matters', () => {
    const text = launchdPlist('dev.porchlight.keeper', {
      ...plan,
      command: '/A & B/<node>',
    });
    expect(text.slice(text.indexOf('<dict>'), text.indexOf('</plist>'))).toBe(`<dict>
  <key>Label</key>
  <string>dev.porchlight.keeper</string>
  <key>ProgramArguments</key>
  <array>
    <string>/A &amp; B/&lt;node&gt;</string>
    <string>/opt/My Apps/dist/keeper/main.js</string>
    <string>--log-to-file</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PORCHLIGHT_HOME</key>
    <string>/home/ann/100% &quot;mine&quot;</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>ExitTimeOut</key>
  <integer>45</integer>
</dict>
`);
  });
});

describe('the scheduled task', () => {
  it('has no time limit, no battery stop, and one run at a time', () => {
    const text = taskXml({ user: 'PC\\Ann & Co', script: 'C:\\Users\\Ann & Co\\service.js' });
    const kept = [
      'UserId',
      'MultipleInstancesPolicy',
      'DisallowStartIfOnBatteries',
      'StopIfGoingOnBatteries',
      'ExecutionTimeLimit',
      'LogonType',
      'RunLevel',
      'Arguments',
    ].map((name) => new RegExp(`<${name}>(.*)</${name}>`).exec(text)?.[1]);
    expect(kept).toEqual([
      'PC\\Ann &amp; Co',
      'IgnoreNew',
      'false',
      'false',
      'PT0S',
      'InteractiveToken',
      'LeastPrivilege',
      '//B //Nologo //E:JScript &quot;C:\\Users\\Ann &amp; Co\\service.js&quot;',
    ]);
  });

  it('starts through a script in plain ASCII that hides the console and passes the exit on', () => {
    const text = startScript({
      ...plan,
      command: 'C:\\Program Files\\Pörch\\node.exe',
      args: ['C:\\d\\main.js'],
    });
    expect(text.split('\r\n').slice(1)).toEqual([
      'var shell = new ActiveXObject("WScript.Shell");',
      'var environment = shell.Environment("PROCESS");',
      'environment.Item("PORCHLIGHT_HOME") = "/home/ann/100% \\"mine\\"";',
      'WScript.Quit(shell.Run("\\"C:\\\\Program Files\\\\P\\u00f6rch\\\\node.exe\\" \\"C:\\\\d\\\\main.js\\"", 0, true));',
      '',
    ]);
  });

  it('quotes arguments so that Windows takes them apart again', () => {
    expect(['a b', 'c:\\x\\', 'say "hi"', 'a\\"b'].map(quoteArgument)).toEqual([
      '"a b"',
      '"c:\\x\\\\"',
      '"say \\"hi\\""',
      '"a\\\\\\"b"',
    ]);
  });
});
