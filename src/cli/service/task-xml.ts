import { xml } from './launchd-plist.ts';
import type { ServicePlan } from './service.ts';

export interface TaskFor {
  /** `DOMAIN\name` of the one whose login starts it. */
  readonly user: string;
  /** Absolute path of the script that {@link startScript} makes. */
  readonly script: string;
}

/**
 * The task: at this user's login, with this user's rights, for as long as it takes (the default
 * ends a task after 72 h), on battery too (the default neither starts nor keeps it there), one at a
 * time. Element order is the schema's.
 */
export function taskXml({ user, script }: TaskFor): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Porchlight keeper. Written by "porchlight service install".</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${xml(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xml(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>true</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>wscript.exe</Command>
      <Arguments>//B //Nologo //E:JScript ${xml(quoteArgument(script))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/**
 * A task can neither set a variable nor hide a console window, and wscript can. It waits, so that
 * the task lasts as long as the keeper, and passes the exit code on. Plain ASCII: wscript reads a
 * script in the system's code page.
 */
export function startScript(plan: ServicePlan): string {
  const line = [plan.command, ...plan.args].map(quoteArgument).join(' ');
  const environment = Object.entries(plan.env)
    .map(([name, value]) => `environment.Item(${literal(name)}) = ${literal(value)};\r\n`)
    .join('');
  return [
    '// Written by "porchlight service install"; "porchlight service remove" takes it away.\r\n',
    'var shell = new ActiveXObject("WScript.Shell");\r\n',
    'var environment = shell.Environment("PROCESS");\r\n',
    environment,
    `WScript.Quit(shell.Run(${literal(line)}, 0, true));\r\n`,
  ].join('');
}

/** As CommandLineToArgvW takes it apart again: backslashes count only before a quote. */
export function quoteArgument(argument: string): string {
  return `"${argument.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/(\\+)$/u, '$1$1')}"`;
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll(/[^ -~]/gu, (char) =>
    [...Array(char.length).keys()]
      .map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
