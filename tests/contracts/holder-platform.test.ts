import { macosPlatform } from '../../src/holder/platform-here.macos.ts';
import { windowsPlatform } from '../../src/holder/platform-here.windows.ts';
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
