// What a Linux process needs around it to show a window: a display and a session bus.
import { spawn } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './say.mjs';

const XVFB_LIMIT_MS = 20_000;
/** Chromium keeps shared bitmaps in /dev/shm; containers often give it 64 MB. */
const SHARED_MEMORY_BYTES = 128 * 1024 * 1024;

export const hasDisplay = (env) =>
  process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);

export function hasSessionBus(env) {
  if (process.platform !== 'linux' || env.DBUS_SESSION_BUS_ADDRESS) return true;
  return Boolean(env.XDG_RUNTIME_DIR) && existsSync(join(env.XDG_RUNTIME_DIR, 'bus'));
}

/** @returns {[string, string[]]} the command, inside a session bus of its own when there is none */
export function withSessionBus(command, args, env, { always = false } = {}) {
  if (process.platform !== 'linux' || (hasSessionBus(env) && !always)) return [command, args];
  return ['dbus-run-session', ['--', command, ...args]];
}

/** Switches and variables that Electron needs on this machine, with a sentence for each. */
export function electronNeeds(env) {
  const needs = { args: [], env: {}, said: [] };
  if (process.platform !== 'linux') return needs;
  if (process.getuid() === 0 && !env.ELECTRON_DISABLE_SANDBOX) {
    needs.env.ELECTRON_DISABLE_SANDBOX = '1';
    needs.said.push(
      "you are root: Electron runs without Chromium's sandbox (ELECTRON_DISABLE_SANDBOX=1)",
    );
  }
  if (isSharedMemorySmall()) {
    needs.args.push('--disable-dev-shm-usage');
    needs.said.push('/dev/shm is under 128 MB: adding --disable-dev-shm-usage');
  }
  return needs;
}

function isSharedMemorySmall() {
  try {
    const { blocks, bsize } = statfsSync('/dev/shm');
    return blocks * bsize < SHARED_MEMORY_BYTES;
  } catch {
    return true;
  }
}

/**
 * Starts an X server without a screen on a free display number.
 * @returns {Promise<{ display: string, stop: () => void }>}
 */
export function startXvfb({ size = '1280x900x24' } = {}) {
  return new Promise((resolve, reject) => {
    const args = ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'];
    const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill('SIGTERM');
    const timer = setTimeout(() => {
      stop();
      reject(new SetupError(`Xvfb did not start within ${XVFB_LIMIT_MS / 1_000} s`));
    }, XVFB_LIMIT_MS);
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-2_000);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new SetupError(`Cannot start Xvfb (${error.message}): install the package xvfb`));
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new SetupError(`Xvfb ended with ${code}: ${complaint.trim()}`));
    });
    child.stdio[3].setEncoding('utf8').on('data', (number) => {
      clearTimeout(timer);
      child.stdio[3].destroy();
      child.unref();
      process.once('exit', stop);
      resolve({ display: `:${number.trim()}`, stop });
    });
  });
}
