import type { ChatCompletionRequest, FixtureResponse } from '@copilotkit/aimock';

/** What the scripted model wants to do next; which tool that is depends on the agent that asks. */
type Act =
  | { readonly do: 'say'; readonly text: string; readonly thought?: string }
  | { readonly do: 'shell'; readonly command: string; readonly say?: string }
  | { readonly do: 'write'; readonly file: string; readonly text: string; readonly say?: string }
  | { readonly do: 'plan' }
  | { readonly do: 'ask' }
  | { readonly do: 'mcp'; readonly tool: string }
  /** Says what the person has said in this conversation, as the agent has it. */
  | { readonly do: 'recall' }
  | { readonly do: 'fail'; readonly status: number };

export const SLOW_TEXT = Array.from({ length: 100 }, (_, i) => `word${i + 1}`).join(' ');

/**
 * One list per `SCRIPT:<name>` in the newest prompt that has one. Each model request of that turn
 * takes the next act: its number is how many tool results the turn has so far.
 */
export const SCENARIOS: Readonly<Record<string, readonly Act[]>> = {
  text: [{ do: 'say', text: 'Hello from the scripted model.' }],
  thought: [
    { do: 'say', thought: 'The person says hello; I answer.', text: 'Hello after a thought.' },
  ],
  shell: [
    {
      do: 'shell',
      command: 'printf "porch\\n" > shell.txt && cat shell.txt',
      say: 'I run a command.',
    },
    { do: 'say', text: 'The command ran.' },
  ],
  beside: [
    {
      do: 'shell',
      command:
        'echo in > in.txt; touch "$OUTSIDE" && echo out > in.txt; ls -A "$HIDDEN" > seen.txt',
      say: 'I look around.',
    },
    { do: 'say', text: 'I have looked around.' },
  ],
  touch: [
    { do: 'shell', command: 'touch hello.txt', say: 'I make a file.' },
    { do: 'say', text: 'The file is there.' },
  ],
  edit: [
    { do: 'write', file: 'hello.txt', text: 'Hello from the porch.\n', say: 'I write the file.' },
    { do: 'say', text: 'The file is written.' },
  ],
  'edit-slow': [
    { do: 'write', file: 'hello.txt', text: 'Hello from the porch.\n', say: 'I write the file.' },
    { do: 'say', text: SLOW_TEXT },
  ],
  plan: [{ do: 'plan' }, { do: 'say', text: 'The plan stands.' }],
  question: [{ do: 'ask' }, { do: 'say', text: 'Thank you for the answer.' }],
  mcp: [
    { do: 'mcp', tool: 'echo' },
    { do: 'say', text: 'The tool of the server ran.' },
  ],
  long: [
    { do: 'plan' },
    { do: 'write', file: 'one.txt', text: 'one\n', say: 'First file.' },
    { do: 'write', file: 'two.txt', text: 'two\n', say: 'Second file.' },
    { do: 'shell', command: 'cat one.txt two.txt > three.txt', say: 'Now both together.' },
    { do: 'say', text: 'All three files are there.' },
  ],
  sleep: [
    { do: 'shell', command: 'sleep 300 && echo late > late.txt', say: 'I wait for long.' },
    { do: 'say', text: 'That was long.' },
  ],
  serve: [
    {
      do: 'shell',
      command: 'tail -f /dev/null </dev/null >/dev/null 2>&1 & echo $! > serve.pid',
      say: 'I start a server.',
    },
    { do: 'say', text: 'The server runs.' },
  ],
  recall: [{ do: 'recall' }],
  hold: [
    {
      do: 'shell',
      command: 'while [ ! -e go.txt ]; do sleep 0.2; done; echo late > late.txt',
      say: 'I wait for a file.',
    },
    { do: 'say', text: 'That was long.' },
  ],
  env: [
    { do: 'shell', command: 'env | sort > env.txt', say: 'I look at the environment.' },
    { do: 'say', text: 'The environment is in env.txt.' },
  ],
  slow: [{ do: 'say', text: SLOW_TEXT }],
  error401: [{ do: 'fail', status: 401 }],
  error429: [{ do: 'fail', status: 429 }],
  error500: [{ do: 'fail', status: 500 }],
};

/** Scenarios whose text comes word by word over about ten seconds. */
const SLOW: ReadonlySet<string> = new Set(['slow', 'edit-slow']);

export interface Step {
  readonly name: string;
  readonly act: Act;
  readonly slow: boolean;
}

/** What the model is to do for a request; null when the request is none of a turn (titles and such). */
export function stepOf(request: ChatCompletionRequest): Step | null {
  const { messages } = request;
  if ((request.tools ?? []).length === 0) return null;
  const at = messages.findLastIndex(
    (m) => m.role === 'user' && scriptName(textOf(m.content)) !== null,
  );
  const name = scriptName(textOf(messages[at]?.content ?? ''));
  if (name === null) return { name: 'none', act: { do: 'say', text: 'Understood.' }, slow: false };
  const done = messages.slice(at + 1).filter((m) => m.role === 'tool').length;
  const acts = SCENARIOS[name] ?? [{ do: 'say', text: `There is no scenario ${name}.` }];
  const act = acts[Math.min(done, acts.length - 1)] ?? { do: 'say', text: 'Done.' };
  return { name, act, slow: SLOW.has(name) && act.do === 'say' };
}

export function responseFor(request: ChatCompletionRequest): FixtureResponse {
  const step = stepOf(request);
  if (step === null) return { content: 'A short task' };
  const { act } = step;
  if (act.do === 'say')
    return { content: act.text, ...(act.thought !== undefined && { reasoning: act.thought }) };
  if (act.do === 'recall') {
    const heard = request.messages.filter(({ role }) => role === 'user');
    return { content: `You said: ${heard.map(({ content }) => textOf(content)).join(' / ')}` };
  }
  if (act.do === 'fail')
    return {
      error: {
        message: `scripted failure ${act.status}`,
        type: ERROR_TYPES[act.status] ?? 'api_error',
      },
      status: act.status,
    };
  const call = toolCall(act, request);
  if (call === null) return { content: `This agent offers no tool to ${act.do}.` };
  const toolCalls = [{ name: call.name, arguments: JSON.stringify(call.input) }];
  return 'say' in act && act.say !== undefined ? { content: act.say, toolCalls } : { toolCalls };
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  429: 'rate_limit_error',
  500: 'api_error',
};

interface Call {
  readonly name: string;
  readonly input: unknown;
}

function toolCall(
  act: Exclude<Act, { do: 'say' | 'recall' | 'fail' }>,
  request: ChatCompletionRequest,
): Call | null {
  const offered = (request.tools ?? []).map((tool) => tool.function.name);
  const dir = workingDirectory(request);
  const candidates = candidatesFor(act, dir);
  if (act.do === 'mcp') {
    const name = offered.find((each) => each.endsWith(`_${act.tool}`));
    return name === undefined ? null : { name, input: { text: 'ping' } };
  }
  return candidates.find(({ name }) => offered.includes(name)) ?? null;
}

/** The same act as a call of Claude Code, OpenCode, Gemini CLI and Codex. */
function candidatesFor(act: Exclude<Act, { do: 'say' | 'recall' | 'fail' }>, dir: string): Call[] {
  switch (act.do) {
    case 'shell': {
      const description = 'Run a scripted command';
      return [
        { name: 'Bash', input: { command: act.command, description } },
        { name: 'bash', input: { command: act.command, description } },
        { name: 'run_shell_command', input: { command: act.command, description } },
        { name: 'exec_command', input: { cmd: act.command, ...ESCALATED } },
        { name: 'shell_command', input: { command: act.command, ...ESCALATED } },
        { name: 'shell', input: { command: ['bash', '-lc', act.command], ...ESCALATED } },
      ];
    }
    case 'write': {
      const path = `${dir}/${act.file}`;
      const redirect = `printf '%s' '${act.text}' > '${path}'`;
      return [
        { name: 'Write', input: { file_path: path, content: act.text } },
        { name: 'write', input: { filePath: path, content: act.text } },
        { name: 'write_file', input: { file_path: path, content: act.text } },
        { name: 'exec_command', input: { cmd: redirect, ...ESCALATED } },
        { name: 'shell_command', input: { command: redirect, ...ESCALATED } },
      ];
    }
    case 'plan': {
      const steps = ['Look around', 'Write the file', 'Check it'];
      const states = ['completed', 'in_progress', 'pending'];
      return [
        {
          name: 'TodoWrite',
          input: {
            todos: steps.map((content, i) => ({ content, status: states[i], activeForm: content })),
          },
        },
        {
          name: 'TaskCreate',
          input: { subject: steps[0], description: steps[0], activeForm: steps[0] },
        },
        {
          name: 'todowrite',
          input: {
            todos: steps.map((content, i) => ({
              id: String(i),
              content,
              status: states[i],
              priority: 'medium',
            })),
          },
        },
        {
          name: 'write_todos',
          input: { todos: steps.map((description, i) => ({ description, status: states[i] })) },
        },
        {
          name: 'update_plan',
          input: { plan: steps.map((step, i) => ({ step, status: states[i] })) },
        },
      ];
    }
    case 'ask': {
      const options = [
        { label: 'Blue', description: 'Like the sky' },
        { label: 'Red', description: 'Like the door' },
      ];
      const question = 'Which colour for the porch?';
      return [
        {
          name: 'AskUserQuestion',
          input: { questions: [{ question, header: 'Colour', multiSelect: false, options }] },
        },
        { name: 'question', input: { questions: [{ question, header: 'Colour', options }] } },
        {
          name: 'ask_user',
          input: { questions: [{ question, header: 'Colour', type: 'choice', options }] },
        },
        {
          name: 'request_user_input',
          input: { questions: [{ id: 'colour', question, header: 'Colour', options }] },
        },
      ];
    }
    case 'mcp':
      return [];
  }
}

/** Codex runs in its sandbox without asking; only what asks to leave it comes to a person. */
const ESCALATED = {
  sandbox_permissions: 'require_escalated',
  justification: 'The script asks for it',
};

/** Agents tell the model where they work; scripts write there. */
function workingDirectory({ messages }: ChatCompletionRequest): string {
  const named =
    /(?:working directory|workspace directories|<cwd)[^\n/]{0,40}[:>][*\s`-]*(\/[^\n<`"]+)/i;
  for (const message of messages) {
    const found = named.exec(textOf(message.content))?.[1];
    if (found !== undefined) return found.trim().replace(/\/$/, '');
  }
  return '.';
}

function scriptName(text: string): string | null {
  return [...text.matchAll(/SCRIPT:([a-z0-9-]+)/g)].at(-1)?.[1] ?? null;
}

function textOf(content: ChatCompletionRequest['messages'][number]['content']): string {
  if (content === null || typeof content === 'string') return content ?? '';
  return content.map((part) => part.text ?? '').join('\n');
}
