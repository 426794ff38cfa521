import { describe, expect, it } from 'vitest';
import { type LongTool, startLongTool } from '../../../src/holder/long-tool.ts';

function started(command: string, args: readonly string[]) {
  const lines: string[] = [];
  let ended: (why: string) => void;
  const end = new Promise<string>((resolve) => {
    ended = resolve;
  });
  const tool: LongTool = startLongTool(command, args, {
    line: (text) => lines.push(text),
    ended: (why) => ended(why),
  });
  return { tool, lines, end };
}

const node = (script: string) => started(process.execPath, ['-e', script]);

describe('a tool that runs for long', () => {
  it('is heard line by line, the last one also without its end', async () => {
    const { lines, end } = node(
      "process.stdout.write('one\\r\\ntw'); setTimeout(() => process.stdout.write('o\\nthree'), 20)",
    );
    expect(await end).toBe(`${process.execPath} exited with 0`);
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('answers what is written to it, and ends with its input', async () => {
    const { tool, lines, end } = node(
      "process.stdin.on('data', (chunk) => process.stdout.write('heard ' + chunk))",
    );
    tool.write('first');
    await expect.poll(() => lines).toEqual(['heard first']);
    tool.end();
    expect(await end).toContain('exited with 0');
    tool.write('too late');
    tool.end();
    tool.stop();
  });

  it('is killed when it does not mind that its input ended', async () => {
    const { tool, lines, end } = node("console.log('up'); setInterval(() => {}, 1000)");
    await expect.poll(() => lines).toEqual(['up']);
    tool.end();
    expect(await end).toBe(`${process.execPath} ended by SIGKILL`);
  });

  it('says what it complained of when it fails, and that it is missing when it is', async () => {
    const failed = node("console.error('not allowed'); process.exit(3)");
    const missing = started('/nowhere/caffeinate', []);
    expect([await failed.end, await missing.end, missing.tool.pid]).toEqual([
      `${process.execPath} exited with 3: not allowed`,
      'spawn /nowhere/caffeinate ENOENT',
      null,
    ]);
  });
});
