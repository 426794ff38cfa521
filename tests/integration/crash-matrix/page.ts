import {
  MATRIX,
  MOMENTS,
  NOT_HOLDING,
  VICTIMS,
  type Expectation,
  type Moment,
  type Victim,
} from './expectations.ts';

const victims = Object.keys(VICTIMS) as Victim[];
const moments = Object.keys(MOMENTS) as Moment[];

/** docs/crash-matrix.md. */
export function crashMatrixPage(): string {
  return [
    '# What survives what',
    '',
    '<!-- Made from tests/integration/crash-matrix/expectations.ts by `node build/crash-matrix.mjs`. -->',
    '',
    'Each cell is a test that kills the victim with SIGKILL at that moment, against a real keeper, a real host and a real',
    'agent process, and then compares all of what this page says. In every cell also: no event that a surface has',
    'acknowledged is lost or changed, none comes twice, the numbering goes on without a gap and the epoch stays; mode, model',
    'and folder are as before; the agent remembers every earlier prompt; each prompt runs once; and after a stop nothing is',
    'left of it.',
    '',
    '“Comes back” means: a new process of the agent takes the same conversation up again with `session/load`. An agent that',
    'cannot load begins a new conversation, and the session says so.',
    '',
    ...overview(),
    '',
    ...moments.flatMap(details),
  ].join('\n');
}

function overview(): string[] {
  return [
    `| killed, while | ${moments.map((moment) => MOMENTS[moment]).join(' | ')} |`,
    `|---|${moments.map(() => '---').join('|')}|`,
    ...victims.map(
      (victim) =>
        `| ${VICTIMS[victim]} | ${moments.map((moment) => inShort(victim, moment)).join(' | ')} |`,
    ),
  ];
}

function inShort(victim: Victim, moment: Moment): string {
  const { agent, turn } = MATRIX[victim][moment];
  const fails = NOT_HOLDING[`${victim} ${moment}`] === undefined ? '' : ' (does not hold yet)';
  if (agent === 'same') return `goes on${fails}`;
  if (turn === null) return `comes back${fails}`;
  if (turn === 'completed') return `starts again${fails}`;
  return `${turn}, comes back${fails}`;
}

function details(moment: Moment): string[] {
  const groups = new Map<Expectation, Victim[]>();
  for (const victim of victims) {
    const expectation = MATRIX[victim][moment];
    groups.set(expectation, [...(groups.get(expectation) ?? []), victim]);
  }
  return [
    `## ${capital(MOMENTS[moment])}`,
    '',
    ...[...groups].map(
      ([expectation, killed]) =>
        `- **${capital(killed.map((victim) => VICTIMS[victim]).join('; '))}:** ${inWords(expectation)}`,
    ),
    ...victims.flatMap((victim) => {
      const why = NOT_HOLDING[`${victim} ${moment}`];
      return why === undefined ? [] : [`- Does not hold yet for ${VICTIMS[victim]}: ${why}`];
    }),
    '',
  ];
}

function inWords(expectation: Expectation): string {
  const { agent, leavesNothing } = expectation;
  return [
    expectation.says,
    agent === 'same' ? 'The same agent process goes on.' : '',
    agent === 'loads' ? 'The agent comes back with its conversation.' : '',
    leavesNothing ? 'Nothing of its processes lives on.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
