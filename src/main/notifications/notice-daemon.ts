import { linuxDaemon } from './notice-daemon.linux.ts';

/** Whoever draws the notifications, beyond what Electron tells of it. */
export interface NoticeDaemon {
  /** Why nothing can be shown now, in a sentence; null: nothing is known against it. */
  look(): Promise<string | null>;
  /** The text as it must be given for every letter of it to be seen, after `look`. */
  body(text: string): string;
}

/** macOS and Windows show plain text, and Electron tells what fails. */
const PLAIN: NoticeDaemon = { look: async () => null, body: (text) => text };

export function noticeDaemon(platform: NodeJS.Platform, nowMs: () => number): NoticeDaemon {
  return platform === 'linux' ? linuxDaemon(nowMs) : PLAIN;
}
