// An agent that is only lines, for tests of the pipes: node line-agent.mjs <what> [arguments]
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [what, ...rest] = process.argv.slice(2);

const acts = {
  /** Answers each stdin line, `exit <code>` by doing so. */
  echo() {
    createInterface({ input: process.stdin }).on('line', (line) => {
      const code = /^exit (\d+)$/.exec(line)?.[1];
      if (code === undefined) process.stdout.write(`echo:${line}\n`);
      else process.exit(Number(code));
    });
  },
  /** Prints numbered lines padded to a width, then echoes. */
  count() {
    const [lines, width] = [Number(rest[0]), Number(rest[1] ?? 0)];
    let n = 0;
    const more = () => {
      while (n < lines)
        if (!process.stdout.write(`line:${++n}`.padEnd(width, '.') + '\n'))
          return void process.stdout.once('drain', more);
    };
    more();
    acts.echo();
  },
  /** One line of that many bytes, then `after`. */
  long() {
    process.stdout.write('x'.repeat(Number(rest[0])) + '\nafter\n');
    acts.echo();
  },
  complain() {
    process.stderr.write('not signed in\n');
    process.exitCode = 3;
  },
  deaf() {
    process.on('SIGTERM', () => {});
    process.stdout.write('deaf\n');
    setInterval(() => {}, 60_000);
  },
  /** Never reads its stdin. */
  unreading() {
    process.stdout.write('unreading\n');
    setInterval(() => {}, 60_000);
  },
  /** Leaves children behind: one in its group, one in a session of its own. Prints their pids. */
  family() {
    const near = spawn('sleep', ['300'], { stdio: 'ignore' });
    const far = spawn('sleep', ['301'], { stdio: 'ignore', detached: true });
    process.stdout.write(JSON.stringify([near.pid, far.pid]) + '\n');
    acts.echo();
  },
  /**
   * A child in a session of its own without the mark, holding our stdout open. It is ours by its
   * parent, a shell, until a line on stdin makes that one exit.
   */
  lose() {
    const script = 'setsid env -i sleep 302 & echo $!; read line; echo cut';
    const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'inherit', 'inherit'] });
    process.stdin.once('data', (chunk) => shell.stdin.end(chunk));
  },
};
acts[what]();
