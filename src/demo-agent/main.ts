import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { ndJsonStream } from '@agentclientprotocol/sdk';
import { demoAgent } from './app.ts';
import { Children } from './children.ts';
import { systemClock } from './clock.ts';
import { readCommandLine, type ServeOptions } from './command-line.ts';
import { ConversationFolder, conversationFolderPath } from './conversation-folder.ts';
import { helpText } from './help.ts';
import { OwnBinary } from './own-binary.ts';
import { runScript } from './scripts/catalogue.ts';

const VERSION = '0.1.0';
/** What Claude Code does when its adapter is killed: it finishes its turn, about ten seconds. */
const LINGER_MS = 30_000;
const NEVER = new AbortController().signal;

function main(): void {
  const line = readCommandLine(process.argv.slice(2));
  switch (line.do) {
    case 'help':
      process.stdout.write(helpText());
      return;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return;
    case 'refuse':
      process.stderr.write(`porchlight demo agent: ${line.message}. Try --help.\n`);
      process.exitCode = 2;
      return;
    case 'serve':
      if (line.ownBinary) pass();
      else serve(line);
  }
}

/** Runs as the adapter in front of a second process, which lives on when this one is killed. */
function pass(): void {
  const [script = ''] = process.argv.slice(1);
  const args = process.argv.slice(2).filter((arg) => arg !== '--own-binary');
  const binary = new OwnBinary({
    command: process.execPath,
    args: [...process.execArgv, script, ...args, '--linger'],
    write: (line) => process.stdout.write(`${line}\n`),
  });
  const leave = (): void => {
    binary.end();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave);
  process.stdout.on('error', leave);
  createInterface({ input: process.stdin })
    .on('line', (line) => binary.take(line))
    .on('close', leave);
}

function serve({ fault, speed, state, linger, startCommand }: ServeOptions): void {
  const children = new Children();
  const leaveNow = (): void => {
    children.killAll();
    process.exit(0);
  };
  const leave = linger ? (): void => void setTimeout(leaveNow, LINGER_MS) : leaveNow;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leaveNow);
  process.stdin.on('end', leave);
  process.stdin.on('error', leave);
  // The reader is gone: there is nobody left to work for.
  process.stdout.on('error', leave);

  if (fault === 'exit') {
    process.stderr.write('porchlight demo agent: told to fail (--fault exit)\n');
    process.exit(1);
  }
  if (fault === 'garbage' || fault === 'hang-initialize') {
    if (fault === 'garbage')
      process.stdout.write(
        'Welcome to something that is no ACP agent.\n> \u001b[1mready\u001b[0m\n'.repeat(10),
      );
    process.stdin.resume();
    return;
  }

  const folder = new ConversationFolder(state ?? conversationFolderPath(process.env));
  folder.prune();
  const connection = demoAgent({
    version: VERSION,
    fault,
    speed,
    clock: systemClock,
    children,
    folder,
    newId: randomUUID,
    today: () => new Date().toISOString(),
    writeRaw: writeOut,
    prepare: async (cwd) => {
      if (startCommand !== null) await children.run(startCommand, cwd, NEVER);
    },
    run: runScript,
  }).connect(
    ndJsonStream(
      new WritableStream<Uint8Array>({ write: writeOut }),
      // Node's own type of web streams and the global one differ in name only.
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
  void connection.closed.then(() => {
    if (process.stdin.readableEnded || linger) return leave();
    process.stderr.write(
      'porchlight demo agent: the connection broke, perhaps by a message over 32 MiB\n',
    );
    children.killAll();
    process.exit(1);
  });
}

/** Resolves when the bytes are with the kernel, so that a script can exit right after its words. */
async function writeOut(bytes: Uint8Array | string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error == null ? resolve() : reject(error)));
  });
}

main();
