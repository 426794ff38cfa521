import type { ServicePlan } from './service.ts';

/**
 * The agent (launchd.plist(5)): started at login, again after a crash and not after an exit 0, which
 * is "host stop". What the keeper has started is the keeper's to end (`AbandonProcessGroup`), and it
 * is not slowed down as background work would be (`ProcessType`).
 */
export function launchdPlist(label: string, plan: ServicePlan): string {
  const strings = (words: readonly string[]): string =>
    words.map((word) => `    <string>${xml(word)}</string>\n`).join('');
  const environment = Object.entries(plan.env)
    .map(([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>\n`)
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by "porchlight service install"; "porchlight service remove" takes it away. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(label)}</string>
  <key>ProgramArguments</key>
  <array>
${strings([plan.command, ...plan.args])}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment}  </dict>
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
</plist>
`;
}

export function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
