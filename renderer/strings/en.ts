import type { SessionStateName } from '../../src/protocol/session/state.ts';
import { assertNever } from '../../src/base/assert-never.ts';
import type { StepItem } from '../../src/protocol/transcript/item.ts';
import { approvals } from './approvals.ts';
import { count } from './count.ts';
import { adopt, standing } from './standing.ts';
import { workplace } from './workplace.ts';
import type { Mode } from '../../src/protocol/mode.ts';
import type { TurnOutcome } from '../../src/protocol/session/events.ts';

const moment = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const momentOf = (at: string): string => moment.format(new Date(at));

const by = (who: string): string => {
  const names: Record<string, string> = {
    window: 'in the window',
    browser: 'in the browser',
    phone: 'on this phone',
    tray: 'in the tray menu',
    cli: 'in the terminal',
    editor: 'in the editor',
    host: 'by a rule',
  };
  return names[who] ?? `on ${who.replace(/^device:/, '')}`;
};

function stepWords(step: StepItem['step']): string {
  switch (step.type) {
    case 'session.parked':
      return `Parked until ${momentOf(step.until)}: ${step.reason}`;
    case 'session.unparked':
      return step.goesOn ? 'Goes on' : 'Stays here, by your choice';
    case 'worktree.landed':
      return `Landed on ${step.base}`;
    case 'worktree.discarded':
      return 'Its worktree was removed';
    case 'machine.sleeping':
      return `The machine goes to sleep. ${step.why}`;
    case 'machine.woke':
      return `The machine is awake again, asleep since ${momentOf(step.sleptFrom)}. ${step.why}`;
    default:
      return assertNever(step, 'step');
  }
}

/** Every word of the window. Short, plain, active; no exclamation marks, no blame. */
export const en = {
  app: {
    name: 'Porchlight',
    close: 'Close',
    cancel: 'Cancel',
    dismiss: 'Dismiss',
    tryAgain: 'Try again',
    loading: 'Loading…',
    by,
  },
  lamp: {
    idle: 'All quiet',
    working: (n: number) => `${n} working`,
    needsYou: (n: number) => `${n} ${n === 1 ? 'needs' : 'need'} you`,
    problem: 'Something is wrong',
  },
  link: {
    connecting: 'Connecting to the host…',
    lost: 'The host does not answer',
    lostBody: 'Sessions may well be running on; this window cannot see them. It keeps trying.',
    retryIn: (seconds: number) => `Trying again in ${seconds} s`,
    start: 'Start the host',
    startHint: 'Or in a terminal: porchlight host start',
    refused: 'This window cannot talk to the host',
    linkUsed: 'This link was used already, or it is too old',
    linkUsedBody: 'A link to this page works once. In a terminal, “npm start” prints a new one.',
    back: 'Connected again',
    stale: (age: string) => `Not connected. Shown as of ${age}.`,
  },
  sessions: {
    heading: 'Sessions',
    list: 'Session list',
    groups: {
      needsYou: 'Needs you',
      working: 'Working',
      quiet: 'Quiet',
      ended: 'Ended',
      archived: 'Put away',
    },
    none: 'No sessions yet',
    noneBody: 'Start an agent in a folder. It works on when this window is closed.',
    new: 'New session',
    showArchived: 'Show put away',
    hideArchived: 'Hide put away',
    approvals: (n: number) => (n === 1 ? '1 approval' : `${n} approvals`),
    queued: (n: number) => `${n} queued`,
    states: {
      starting: 'Starting',
      idle: 'Quiet',
      working: 'Working',
      waiting: 'Needs you',
      parked: 'Parked',
      failed: 'Failed',
      ended: 'Ended',
    } satisfies Record<SessionStateName, string>,
    backToList: 'All sessions',
    untitled: 'Untitled session',
  },
  home: {
    heading: 'Home',
    quiet: 'Nobody is at the door',
    quietBody: (working: number) =>
      working === 0
        ? 'Nothing runs and nothing waits for you.'
        : `${count(working, 'session works', 'sessions work')} on without you.`,
    needsYou: (n: number) => (n === 1 ? 'One thing needs you' : `${n} things need you`),
    failed: (n: number) => (n === 1 ? 'One session has a problem' : `${n} sessions have a problem`),
    open: 'Open session',
    announce: (n: number) => (n === 1 ? '1 approval needs you' : `${n} approvals need you`),
  },
  session: {
    rename: 'Rename',
    renameTitle: 'Rename session',
    title: 'Title',
    save: 'Save',
    mode: 'Mode',
    modes: { ask: 'Ask', edits: 'Edits', plan: 'Plan', auto: 'Auto' } satisfies Record<
      Mode,
      string
    >,
    modeHints: {
      ask: 'Asks before it changes anything',
      edits: 'Changes files here without asking',
      plan: 'Only plans, changes nothing',
      auto: 'Does what it judges fit, without asking',
    } satisfies Record<Mode, string>,
    ownMode: (native: string) => `The agent’s own: ${native}`,
    stop: 'Stop the agent',
    stopTitle: 'Stop the agent?',
    stopBody:
      'The turn under way is cut off and its open approvals are closed. The conversation stays and can be resumed.',
    stopKeep: 'Let it work',
    resume: 'Resume',
    wake: 'Wake',
    archive: 'Put away',
    unarchive: 'Bring back',
    side: 'Side panel',
    more: 'More',
    loading: 'Opening the session…',
    lost: 'This session could not be opened',
    ended: 'This session has ended.',
    endedBody: 'Resume it to go on where it stopped.',
    failed: 'The agent could not go on.',
    signIn: 'Sign in with:',
    starting: 'The agent is starting…',
  },
  transcript: {
    step: stepWords,
    label: 'Conversation',
    you: 'You',
    byHost: 'Sent by Porchlight',
    thought: 'Thought',
    thinking: 'Thinking',
    plan: 'Plan',
    planDone: (done: number, all: number) => `${done} of ${all} done`,
    newBelow: 'New below',
    toEnd: 'Go to the newest',
    earlier: 'Loading earlier…',
    start: 'The start of this session',
    empty: 'Nothing said yet',
    emptyBody: 'Write what the agent should do.',
    waiting: (span: string) => `Waiting for the model · ${span}`,
    toolRunning: (span: string) => `Working · ${span}`,
    waitsForYou: 'Waits for your decision',
    earlierPrompt: 'Your message (further up)',
    copy: 'Copy',
    copied: 'Copied',
    showAll: (size: string) => `Show all (${size})`,
    leftOut: (size: string) =>
      `${size} were left out here because the output was too large to keep.`,
    input: 'Input',
    output: 'Output',
    noOutput: 'No output',
    cutShort: 'Cut short',
    toolStates: { pending: 'Waiting', in_progress: 'Running', completed: 'Done', failed: 'Failed' },
    turn: {
      completed: 'Turn finished',
      cancelled: 'Stopped by you',
      interrupted: 'Cut short: the agent or the machine went away',
      failed: 'The agent reported an error',
      refused: 'The model declined to answer',
      limited: 'A limit was reached: tokens or requests ran out',
    } satisfies Record<TurnOutcome, string>,
    started: (name: string, version: string) => `${name} ${version} started`,
    reloaded: (name: string) => `${name} took the conversation up again`,
    exited: (code: number | null, signal: string | null) =>
      `The agent ended (${signal ?? `code ${code ?? '?'}`})`,
    exitedExpected: 'The agent ended',
    hibernated: 'The agent went to sleep',
    byAgent: 'by the agent itself',
    modeChanged: (mode: string, who: string) => `Mode is now ${mode} · ${who}`,
    compacting: 'The agent condenses its memory of the conversation…',
    compacted: 'The agent condensed its memory of the conversation',
    compactFailed: 'The agent could not condense its memory of the conversation',
    ended: (who: string) => `Session ended ${who}`,
    image: 'Image from the agent',
    tooLong: (size: string) => `Long text, ${size}`,
  },
  approvals,
  workplace,
  standing,
  adopt,
  composer: {
    label: 'Message to the agent',
    placeholder: 'What should the agent do?',
    busy: 'Goes into the queue while the agent works',
    ended: 'Resume the session to write',
    send: 'Send',
    queue: 'Queue',
    stop: 'Stop',
    attach: 'Add images',
    remove: (name: string) => `Remove ${name}`,
    image: (n: number) => `Image ${n}`,
    queued: 'Queued',
    takeBack: 'Take back',
    hint: 'Enter sends, Shift Enter is a new line',
    tooLarge: (size: string, cap: string) =>
      `This is ${size}; a message holds ${cap}. Take out an image or shorten the text.`,
    notAnImage: (name: string) =>
      `${name} is not an image that agents take (PNG, JPEG, GIF, WebP).`,
    noImages: 'This agent does not take images.',
    notSent: 'Not sent:',
    commands: 'Commands of the agent',
  },
  side: {
    label: 'About this session',
    plan: 'Plan',
    noPlan: 'The agent has made no plan.',
    changes: 'Changes',
    noChanges: 'No edits seen yet.',
    changesHint: 'As the agent’s tools report them.',
    settings: 'Agent',
    usage: 'Context',
    usageOf: (used: string, size: string) => `${used} of ${size} tokens`,
    cost: 'Cost so far',
    machine: 'Machine',
    machineBody: 'The host does not say what keeps its machine awake.',
    folder: 'Folder',
    agent: 'Agent',
    noUsage: 'The agent has not said.',
    on: 'On',
    off: 'Off',
  },
  start: {
    title: 'New session',
    folder: 'Folder',
    pick: 'Choose…',
    browse: 'Browse',
    recent: 'Recent folders',
    agent: 'Agent',
    agents: 'Agents',
    looking: 'Looking for agents…',
    notFound: 'Not found',
    found: (from: string, version: string | null) =>
      [version, FROM[from] ?? from].filter(Boolean).join(' · '),
    install: (size: string) => `Install (${size})`,
    installing: 'Installing',
    signIn: (command: string) => `If it asks you to sign in: ${command}`,
    demo: 'Try it with the demo agent',
    demoBody:
      'No agent was found on this machine. The demo agent needs no account: it does a short task in the folder you choose and asks like a real one.',
    mode: 'Mode',
    titleField: 'Title',
    optional: 'optional',
    prompt: 'First message',
    promptHint: 'What should the agent do?',
    go: 'Start session',
    going: 'Starting the agent…',
    failed: 'The session did not start.',
    needFolder: 'Choose a folder first.',
    absolute: 'Write the whole path, from / or the drive letter.',
    up: 'Up',
    useThis: 'Use this folder',
    noFolders: 'No folders in here',
    git: 'git repository',
    more: 'Title and other settings',
  },
  palette: {
    title: 'Commands',
    placeholder: 'Type a command or the name of a session',
    none: 'Nothing fits',
    session: 'Session',
    shortcutsTitle: 'Keyboard',
    shortcuts: {
      palette: 'Commands',
      newSession: 'New session',
      home: 'Home: what needs you',
      nextSession: 'Next session',
      previousSession: 'Previous session',
      sessionList: 'Go to the session list',
      message: 'Go to the message box',
      transcript: 'Go to the conversation',
      approval: 'Go to what needs you',
      allow: 'Allow (inside an approval)',
      deny: 'Deny (inside an approval)',
      batch: 'Decide several at once',
      room: 'More room for what needs you, or for the conversation',
      mode: 'Choose the mode',
      side: 'Side panel: plan, changes, agent',
      attach: 'Add images',
      newest: 'Go to the newest',
      cancelTurn: 'Stop the turn',
      rename: 'Rename session',
      adopt: 'Continue a terminal conversation…',
      changes: 'Show the changes of the worktree',
      land: 'Land the work on its base branch…',
      discard: 'Remove the worktree…',
      goOn: 'Continue a turn that was cut short, or go on now',
      resume: 'Resume session',
      stop: 'Stop the agent',
      archive: 'Put session away, or bring it back',
      pairPhone: 'Pair a phone…',
      devices: 'Devices: paired phones, roles, revoke',
      rules: 'Rules: what runs without asking, what never does',
      night: 'Night: start, end, and what happened',
      power: 'Awake and lid: what holds the machine awake',
      attention: 'What asks for you, and where you were told',
      notify: 'Notifications: when and where you are told',
      reach: 'Reach: relay, devices and agents, checked now',
      restart: 'Restart the agent…',
      log: 'Log: who decided what',
      showArchived: 'Show or hide what is put away',
      shortcuts: 'Keyboard shortcuts',
    },
    also: [
      ['Enter', 'Send the message'],
      ['Shift Enter', 'New line'],
      ['Esc', 'Close what is on top; in the message box, stop the turn'],
      ['↑ ↓ Home End', 'Move inside a list'],
    ] as const,
  },
  diff: {
    newFile: 'new file',
    lines: (plus: number, minus: number) => `+${plus} −${minus}`,
    linesWords: (plus: number, minus: number) =>
      `${count(plus, 'line', 'lines')} added, ${minus} removed`,
    unchanged: (n: number) => `Show ${count(n, 'unchanged line', 'unchanged lines')}`,
    noNewline: 'No newline at the end',
    same: 'No change in the text',
    plus: 'added',
    minus: 'removed',
  },
} as const;

const FROM: Record<string, string> = {
  config: 'from config.json',
  path: 'on your PATH',
  installed: 'installed by Porchlight',
  'built-in': 'built in',
};
