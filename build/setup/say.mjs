// Progress of the set-up: lines on stderr, since stdout belongs to the command that set up.
export const say = (line) => process.stderr.write(`porchlight: ${line}\n`);

/** An error whose message is for the person at the keyboard: no stack is shown. */
export class SetupError extends Error {}

/**
 * Runs a long step: a line when it begins, one every few seconds, one when it ends.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @param {() => string} [progress] what to add to the lines in between
 */
export async function step(what, work, progress = () => '') {
  const since = Date.now();
  const seconds = () => `${((Date.now() - since) / 1_000).toFixed(0)} s`;
  say(`${what} …`);
  const timer = setInterval(() => {
    const more = progress();
    say(`${what}: ${seconds()}${more === '' ? '' : `, ${more}`}`);
  }, 5_000);
  try {
    const result = await work();
    say(`${what}: ${didSucceed(result) ? 'done' : 'failed'} (${seconds()})`);
    return result;
  } catch (error) {
    say(`${what}: failed (${seconds()})`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Work that ran a command gives its exit code. */
const didSucceed = (result) => result?.code === undefined || result.code === 0;

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

/** The entry of every script in build/: prints what a person needs, exits 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(
      `porchlight: ${error instanceof SetupError ? error.message : error.stack}\n`,
    );
    process.exitCode = 1;
  }
}
