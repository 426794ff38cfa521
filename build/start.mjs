// npm start: sets up what is missing, builds what is stale, runs the tray app in the foreground.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { headlessPrograms, programs, root } from './programs.mjs';
import { electronNeeds, hasDisplay, withSessionBus } from './setup/desktop-session.mjs';
import { electronPath } from './setup/electron.mjs';
import { runMain, say } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const APP_ABORTED = /SUID sandbox helper|No usable sandbox|apparmor_restrict_unprivileged_userns/i;

async function main(args) {
  if (!hasDisplay(process.env)) {
    say(
      'there is no display (DISPLAY and WAYLAND_DISPLAY are empty): running the host in the foreground, with its window as a page. Ctrl-C ends it.',
    );
    await setUp('headless');
    await compile([...headlessPrograms, 'renderer'], { log: say });
    return await foreground(
      process.execPath,
      [join(root, programs.cli.out), 'host', 'run', '--ui', ...args],
      process.env,
    );
  }
  say(
    'Ctrl-C ends the tray app, not the host: your agents work on. "npm run -s porchlight -- host stop" ends those.',
  );
  await setUp('start');
  const electron = await electronPath();
  await compile(Object.keys(programs), { log: say });
  const needs = electronNeeds(process.env);
  for (const sentence of needs.said) say(sentence);
  const env = { ...process.env, ...needs.env };
  const [command, all] = withSessionBus(electron, [...needs.args, root, ...args], env);
  if (command !== electron)
    say('there is no session bus: starting one for the app (dbus-run-session)');
  return await foreground(command, all, env, electron);
}

/** Runs a command on our terminal until it ends; it gets our signals, we take its exit code. */
function foreground(command, args, env, electron = null) {
  return new Promise((resolve, reject) => {
    // Read along only where Chromium may refuse for want of a sandbox.
    const watched = electron !== null && process.platform === 'linux' && process.getuid() !== 0;
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['inherit', 'inherit', watched ? 'pipe' : 'inherit'],
    });
    let aborted = false;
    child.stderr?.on('data', (chunk) => {
      aborted ||= APP_ABORTED.test(chunk.toString('utf8'));
      process.stderr.write(chunk);
    });
    // Ctrl-C reaches the child by itself, being of the same process group.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) =>
      reject(new Error(`Cannot start ${command}: ${error.message}`, { cause: error })),
    );
    child.on('close', (code, signal) => {
      if (aborted && electron !== null) say(sandboxFix(electron));
      resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1));
    });
  });
}

function sandboxFix(electron) {
  const helper = join(electron, '..', 'chrome-sandbox');
  return `this system lets no ordinary program make its own sandbox, so Electron stopped. The one fix is to give Chromium's helper its rights, once:\n\n  sudo chown root:root "${helper}" && sudo chmod 4755 "${helper}"\n`;
}

await runMain(main);
