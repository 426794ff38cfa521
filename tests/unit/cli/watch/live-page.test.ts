import { expect, test } from 'vitest';
import { LivePage } from '../../../../src/cli/watch/live-page.ts';
import { TerminalScreen } from './terminal-screen.ts';

test('each page takes the place of the one before, longer, shorter or wide, below what stood there', () => {
  const screen = new TerminalScreen(20, 8);
  const page = new LivePage();
  screen.write('$ porchlight ls\r\n');
  const seen = ['one\ntwo\nthree', 'uno', 'a long line that does not fit at all\nb'].map((text) => {
    screen.write(page.paint(text, screen.size));
    return screen.lines();
  });
  screen.write('^C');
  screen.write(page.end());
  expect([...seen, screen.lines()]).toEqual([
    ['$ porchlight ls', 'one', 'two', 'three'],
    ['$ porchlight ls', 'uno'],
    ['$ porchlight ls', 'a long line that d…', 'b'],
    ['$ porchlight ls', 'a long line that d…', 'b'],
  ]);
});

test('what a narrower terminal has wrapped is painted over whole', () => {
  const page = new LivePage();
  page.paint('0123456789\nabc', { columns: 20, rows: 10 });
  // Ten columns fill three lines of four; `abc` one.
  expect(page.paint('new', { columns: 4, rows: 10 })).toBe('\r\u001b[4Anew\u001b[K\r\n\u001b[J');
});

test('nothing was painted, so nothing is taken away', () => {
  expect(new LivePage().end()).toBe('');
});
