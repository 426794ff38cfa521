import type { Launcher } from './launcher.ts';

/**
 * Gemini CLI speaks ACP itself. Its session/load answers "No previous sessions found" even after a
 * clean exit (0.61.0, measured): it is not used until that is mended.
 */
export const gemini: Launcher = {
  profile: {
    id: 'gemini',
    name: 'Gemini CLI',
    modes: {
      by: 'setMode',
      native: { ask: 'default', edits: 'autoEdit', plan: 'plan', auto: 'yolo' },
    },
    signIn: 'gemini',
    state: {
      folders: [{ home: '.gemini' }],
      obeyed: [
        'settings.json',
        'GEMINI.md',
        'commands',
        'extensions',
        'policies',
        'skills',
        'trustedFolders.json',
      ],
    },
    canLoad: false,
    sharesProcess: true,
    unasked: [
      { modes: ['auto'], why: 'it asks about nothing in its mode yolo (its documentation)' },
      {
        modes: ['edits'],
        kinds: ['edit'],
        why: 'it edits by itself in its mode autoEdit (its documentation)',
      },
      {
        modes: ['ask', 'edits', 'plan'],
        kinds: ['read', 'search', 'think'],
        inFolder: true,
        why: 'reading is not asked about (0.61.0, transcripts)',
      },
    ],
    // `getDisplayTitle` of its shell tool is the command, whole (0.61.0, transcripts); it sends no input.
    calls: { titleIsCommand: { folder: ['[current working directory ', ']'] } },
    // The HTTP status is the code (0.61.0, bundle, acpSession: `getErrorStatus(error) || 500`). 500 is
    // also what it makes of errors without a status, so that one needs words as well.
    troubles: {
      network: ['code:502', 'code:503', 'code:504', 'code:529'],
      limit: ['code:429'],
    },
  },
  adapter: {
    name: '@google/gemini-cli',
    version: '0.61.0',
    integrity:
      'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
    bytes: 100_000_000,
    program: { kind: 'script', path: '@google/gemini-cli/bundle/gemini.js' },
  },
  args: ['--acp'],
  onPath: ['gemini'],
  ownBinary: null,
  // It would start itself a second time to set its heap size, and the pipes would pass through both.
  env: { GEMINI_CLI_NO_RELAUNCH: 'true' },
  modeEnv: {},
};
