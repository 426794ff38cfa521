import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdeLid } from '../../src/holder/linux/kde-lid.ts';
import { kconfigValue, kconfigWith } from '../../src/holder/linux/kconfig.ts';
import { noPlatform } from '../../src/holder/no-platform.ts';
import { macosPlatform } from '../../src/holder/platform-here.macos.ts';
import { windowsPlatform } from '../../src/holder/platform-here.windows.ts';
import type { Lock, Platform, Setting } from '../../src/holder/platform.ts';
import type { RunTool } from '../../src/local/run-tool.ts';
import { FakeMac } from '../fakes/power-tools/fake-mac.ts';
import { FakeWindows } from '../fakes/power-tools/fake-windows.ts';
import { BALANCED, PERFORMANCE } from '../fakes/power-tools/recorded-windows.ts';
import { platformContract, type Step } from './holder-platform.ts';

/** It may die, or the tool fail, before it has done anything, or when it has done it. */
const stepping =
  (run: RunTool, step: Step): RunTool =>
  async (...call) => {
    await step();
    const said = await run(...call);
    await step();
    return said;
  };

const running = ({ running: tools }: FakeMac | FakeWindows): number =>
  tools.filter((tool) => tool.isRunning).length;

platformContract('a Mac', () => {
  const mac = new FakeMac();
  mac.hasRule = true;
  return {
    platform: (step) => {
      const tools = mac.tools();
      return macosPlatform({ ...tools, run: stepping(tools.run, step) });
    },
    asked: () => mac.ran.length,
    killed: () => mac.killHolder(),
    isIdleHeld: () => mac.isIdleHeld,
    running: () => running(mac),
    settings: () => ({ 'pmset disablesleep': mac.disableSleep ?? '0' }),
    person: [
      () => {
        mac.disableSleep = '0';
        mac.kernelDisabled = false;
      },
      () => mac.sleepAndWake(),
      () => {
        mac.pmsetIgnores = false;
      },
    ],
  };
});

platformContract('a Windows PC', () => {
  const windows = new FakeWindows();
  const plans = [BALANCED, PERFORMANCE] as const;
  return {
    platform: (step) => {
      const tools = windows.tools();
      return windowsPlatform({ ...tools, run: stepping(tools.run, step) });
    },
    asked: () => windows.ran.length,
    killed: () => windows.killHolder(),
    isIdleHeld: () => windows.isIdleHeld,
    running: () => running(windows),
    settings: () =>
      Object.fromEntries(
        plans.flatMap((plan) =>
          (['ac', 'dc'] as const).map((source) => [
            `powercfg ${plan} LIDACTION ${source}`,
            String(windows.plans.get(plan)?.[source]),
          ]),
        ),
      ),
    person: [
      () => {
        windows.active = PERFORMANCE;
      },
      () => {
        windows.active = BALANCED;
      },
      () => windows.plans.set(BALANCED, { ac: 2, dc: 3 }),
      () => windows.plans.set(PERFORMANCE, { ac: 3, dc: 1 }),
      () => {
        windows.language = 'japanese';
      },
    ],
  };
});

/** Locks that end with their process, and the real settings of KDE on a file of its own. */
platformContract('a Linux desktop that acts on the lid itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-kde-'));
  const file = join(folder, 'powerdevilrc');
  const groups = ['AC', 'Battery', 'LowBattery'].map((name) => `[${name}][SuspendAndShutdown]`);
  writeFileSync(file, `${groups[0]}\nLidAction=1\nPowerButtonAction=8\n\n[Other]\nKey=1\n`);
  const text = (): string => readFileSync(file, 'utf8');
  const change = (group: string | undefined, value: string | null) => () =>
    writeFileSync(file, kconfigWith(text(), group ?? '', 'LidAction', value));
  let asked = 0;
  let held = false;
  const lock: Lock = {
    name: 'lock',
    take: async () => {
      held = true;
      await Promise.resolve();
    },
    letGo: async () => {
      held = false;
      await Promise.resolve();
    },
    onLost: () => {},
  };
  const effect = (effective: boolean) => ({ effective, reason: null, fix: null });
  return {
    platform: (step): Platform => {
      const kde = new KdeLid({
        env: { XDG_CONFIG_HOME: folder, KDE_SESSION_VERSION: '6' },
        refresh: step,
      });
      const stepped = (setting: Setting): Setting => ({
        ...setting,
        read: async () => {
          asked += 1;
          await step();
          return await setting.read();
        },
        write: async (value) => {
          await step();
          await setting.write(value);
        },
      });
      const named = (id: string): Setting | null => {
        const setting = kde.named(id);
        return setting === null ? null : stepped(setting);
      };
      return {
        ...noPlatform('a desktop'),
        idleLocks: async () => await Promise.resolve([lock]),
        lidSettings: async () => (await kde.settings()).map(stepped),
        settingNamed: named,
        effects: async () =>
          await Promise.resolve({
            idle: effect(held),
            lid: {
              ...effect(groups.every((group) => kconfigValue(text(), group, 'LidAction') === '32')),
              setUp: 'done',
            },
          }),
      };
    },
    asked: () => asked,
    killed: () => {
      held = false;
    },
    isIdleHeld: () => held,
    running: () => 0,
    settings: () =>
      Object.fromEntries(
        groups.map((group) => [
          `kde ${file} ${group} LidAction`,
          kconfigValue(text(), group, 'LidAction') ?? 'unset',
        ]),
      ),
    person: [change(groups[0], '2'), change(groups[1], '0'), change(groups[1], null)],
    end: () => rmSync(folder, { recursive: true }),
  };
});
