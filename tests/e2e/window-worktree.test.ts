import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { HostUnderTest, newCommandId } from '../integration/support/host-under-test.ts';
import { launchBrowser, openPage, type Watched } from './support/window-browser.ts';
import { WindowPage } from './support/window-page.ts';

let browser: Browser;
let host: HostUnderTest;
let window: Watched;
let page: Page;
let repository: string;

beforeAll(async () => {
  await compile(['keeper', 'host', 'demo-agent', 'renderer']);
  browser = await launchBrowser();
});
afterAll(async () => await browser?.close());

beforeEach(async () => {
  host = new HostUnderTest();
  repository = join(host.workspace, 'a “quoted” näme');
  mkdirSync(repository);
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.org');
  writeFileSync(join(repository, 'notes.txt'), 'one\ntwo\nthree\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
  await host.connect();
  const { url } = await host.client.call('host.serveUi', {});
  window = await openPage(browser, url);
  page = window.page;
  await page.getByText('No sessions yet').first().waitFor();
});
afterEach(async () => {
  const { complaints } = window;
  await window.close();
  await host.stop();
  expect(complaints).toEqual([]);
});

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
}

async function start(title: string, prompt: string): Promise<void> {
  await page.keyboard.press('Alt+n');
  const dialog = page.getByRole('dialog', { name: 'New session' });
  await dialog.getByLabel('Folder', { exact: true }).fill(repository);
  await dialog.getByRole('radio', { name: /Demo agent/ }).check();
  await dialog.getByText('Own worktree (recommended)').waitFor();
  await dialog.getByLabel('First message').fill(prompt);
  await dialog.getByLabel('Title').fill(title);
  await dialog.locator('button[type="submit"]').click();
  await page.locator('#composer').waitFor();
}

async function allow(): Promise<void> {
  await page.locator('article[data-open="true"]').waitFor();
  await new WindowPage(page).allow();
}

async function worktreeOf(title: string): Promise<string> {
  const { sessions } = await host.client.call('session.list', { archived: false });
  return sessions.find((session) => session.title === title)?.worktree ?? '';
}

test('work of a session in its own worktree is seen, landed and removed in the window', async () => {
  await start('Mend notes', 'SCRIPT:shell cmd=echo four >> notes.txt');
  await page.locator('.branch').getByText('mend-notes → main').waitFor();
  await allow();
  const panel = page.locator('#side');
  await panel.getByText('1 file').waitFor();
  await panel.getByText('some of it not committed').waitFor();
  expect(readFileSync(join(repository, 'notes.txt'), 'utf8')).toBe('one\ntwo\nthree\n');

  await page.keyboard.press('Alt+c');
  await page.getByRole('dialog').locator('.diff-plus').getByText('four').waitFor();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Alt+Shift+L');
  await page.getByLabel('Squash').check();
  await page.getByLabel('Message of the commit').fill('Four notes');
  await page.getByRole('button', { name: 'Land', exact: true }).click();
  await page.getByRole('dialog').getByText('Landed: main has 1 new commit').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  expect(readFileSync(join(repository, 'notes.txt'), 'utf8')).toBe('one\ntwo\nthree\nfour\n');
  expect(git('log', '-1', '--format=%s').trim()).toBe('Four notes');
  await panel.getByText('All of it is on main.').waitFor();

  await page.keyboard.press('Alt+Shift+D');
  await page.getByText('No work would be lost.').waitFor();
  await page.getByRole('button', { name: 'Remove the worktree' }).click();
  await page.getByRole('dialog').getByText('The worktree was removed.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('start a new session to go on').waitFor();
  expect(git('worktree', 'list').trim().split('\n').length).toBe(1);
});

test('a conflict leaves both sides as they are, and what is thrown away is kept where it says', async () => {
  await start('Other end', 'SCRIPT:shell cmd=echo theirs > notes.txt');
  await allow();
  await page.locator('#side').getByText('1 file').waitFor();
  writeFileSync(join(repository, 'notes.txt'), 'ours\n');
  git('commit', '-q', '-am', 'ours');

  await page.keyboard.press('Alt+Shift+L');
  await page.getByRole('button', { name: 'Land', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Both sides are as they were: main and the worktree.').waitFor();
  await dialog.locator('.work-files').getByText('notes.txt').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const worktree = await worktreeOf('Other end');
  expect(readFileSync(join(repository, 'notes.txt'), 'utf8')).toBe('ours\n');
  expect(readFileSync(join(worktree, 'notes.txt'), 'utf8')).toBe('theirs\n');

  await page.keyboard.press('Alt+Shift+D');
  await dialog.getByText('Not on main:').waitFor();
  await dialog.getByRole('button', { name: 'Remove it and keep a copy' }).click();
  const kept = (await dialog.getByText('Its work is kept as').textContent()) ?? '';
  const ref = /kept as (\S+?)\.$/.exec(kept)?.[1] ?? '';
  expect(git('show', `${ref}:notes.txt`)).toBe('theirs\n');
});

test('a turn whose agent was killed is continued from the window', async () => {
  await start('Cut', 'SCRIPT:sigkill');
  const line = page.getByRole('region', { name: 'How it stands' });
  await line.getByText('Cut short.').waitFor();
  await page.locator('.session-row-needsYou').getByText('Cut short').waitFor();
  await line.getByRole('button', { name: 'Continue' }).click();
  await line.getByText('Cut short.').waitFor({ state: 'detached' });
});

test('two sessions in one folder are shared on purpose, and both say so', async () => {
  await host.client.call('session.start', {
    commandId: newCommandId(),
    agent: 'demo',
    cwd: repository,
    isolate: 'none',
    title: 'First here',
  });
  await page.keyboard.press('Alt+n');
  const dialog = page.getByRole('dialog', { name: 'New session' });
  await dialog.getByLabel('Folder', { exact: true }).fill(join(repository));
  await dialog.getByRole('radio', { name: /Demo agent/ }).check();
  await dialog.getByText('This folder').click();
  await dialog.getByText('“First here” works here.').waitFor();
  await dialog.getByLabel('Share the folder').check();
  await dialog.getByLabel('Title').fill('Second here');
  await dialog.locator('button[type="submit"]').click();
  await page.locator('.shared-badge').waitFor();
  await page.locator('.sessions').getByText('First here', { exact: true }).click();
  await page.locator('.shared-badge[title*="Second here"]').waitFor();
});
