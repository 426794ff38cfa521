// npm run verify:power: holds this machine awake in earnest, lets go, kills the holder, and reads back
// each time by the system's own tools. For real hardware: tests/ only know recorded output of macOS
// and Windows. What runs is in tests/verify-power/.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { programs, root } from './programs.mjs';
import { runMain, say } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const usage = `npm run verify:power -- [--quick] [--unattended]

Checks on this machine that Porchlight keeps it awake, lid closed too, and undoes everything: takes
holds with the real holder, reads them back by the system's own tools, kills the holder and its
watchdog, and asks you to close the lid once. Writes porchlight-power-report.md and .json into this
folder, without names. Two to four minutes. Ctrl-C undoes what was begun.

  --quick           without the wait for a lease to end
  --unattended  asks nothing: no set-up, no closing of the lid
`;

function person(asks) {
  return {
    isThere: asks,
    async agrees(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const said = await lines.question(`\n${question} [y/N] `).catch(() => '');
      lines.close();
      return /^y(?:es)?$/iu.test(said.trim());
    },
    async countDown(what, seconds, isOver) {
      for (let left = seconds; left > 0 && !isOver(); left -= 1) {
        if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${left} s  `);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    },
  };
}

async function main(args) {
  const known = ['--quick', '--unattended'];
  if (args.some((arg) => !known.includes(arg))) {
    process.stderr.write(usage);
    return args.includes('--help') ? 0 : 2;
  }
  await setUp('headless');
  const { compile } = await import('./compile.mjs');
  await compile(['holder'], { log: say });
  const { loadTypeScript } = await import('./load-typescript.mjs');
  const { module, close } = await loadTypeScript(join(root, 'tests', 'verify-power', 'main.ts'));
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => resolve(`called off (${signal})`));
  });
  try {
    const holds = await module.verifyPower({
      program: join(root, programs.holder.out),
      version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
      folder: process.cwd(),
      quick: args.includes('--quick'),
      person: person(process.stdin.isTTY === true && !args.includes('--unattended')),
      say,
      env: process.env,
      stopped,
    });
    say(
      `${holds ? 'all that was checked holds' : 'something does not hold'}: porchlight-power-report.md`,
    );
    return holds ? 0 : 1;
  } finally {
    await close();
  }
}

await runMain(main);
