import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import { windowStage } from './support/window-stage.ts';

const COMMAND = commandIdSchema.parse('01938f00-0000-7000-8000-000000000001');
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const stage = windowStage();
let page: Page;
let id: SessionId;

beforeEach(async () => {
  id = stage.host.addSession({ agent: 'claude', title: 'Slugs', cwd: '/p' });
});

async function open(): Promise<void> {
  page = await stage.open();
  await page.locator('.sessions').getByText('Slugs').click();
  await page.locator('#transcript .row').first().waitFor();
}

const notice = (n: number): void =>
  void stage.host.append(id, { type: 'notice', level: 'info', text: `notice ${n}`, by: 'host' });
const fromEnd = async (): Promise<number> =>
  Number(
    await page.locator('#transcript').evaluate((e) => {
      const { scrollHeight, scrollTop, clientHeight } = e as unknown as Record<string, number>;
      return Math.round((scrollHeight ?? 0) - (scrollTop ?? 0) - (clientHeight ?? 0));
    }),
  );
const heightOf = async (): Promise<number> =>
  Number(
    await page
      .locator('#transcript')
      .evaluate((e) => (e as unknown as { scrollHeight: number }).scrollHeight),
  );
/** Where the first wholly visible row with `text` stands on screen. */
const topOf = async (text: string): Promise<number> =>
  Math.round((await page.getByText(text, { exact: true }).boundingBox())?.y ?? Number.NaN);

describe('the transcript', () => {
  test('opens at its end and stays there while the agent talks', async () => {
    for (let n = 0; n < 200; n += 1) notice(n);
    await open();
    await page.getByText('notice 199', { exact: true }).waitFor();
    for (let n = 0; n < 60; n += 1)
      stage.host.append(id, {
        type: 'agent.text',
        messageId: 'm',
        text: `Sentence ${n} of a growing answer.\n\n`,
      });
    await page.getByText('Sentence 59 of').waitFor();
    await expect.poll(fromEnd).toBeLessThan(3);
    expect(await page.locator('#to-newest').count()).toBe(0);
  });

  test('stays at its end when a strip or the keyboard takes room away, and when it gives it back', async () => {
    for (let n = 0; n < 200; n += 1) notice(n);
    await open();
    await page.getByText('notice 199', { exact: true }).waitFor();
    const size = page.viewportSize() ?? { width: 1_280, height: 800 };
    await page.setViewportSize({ ...size, height: size.height - 150 });
    await expect.poll(fromEnd).toBeLessThan(3);
    await page.getByText('notice 199', { exact: true }).waitFor();
    await page.setViewportSize(size);
    await expect.poll(fromEnd).toBeLessThan(3);
    expect(await page.locator('#to-newest').count()).toBe(0);
  });

  test('does not move under a person who reads further up, and says that there is more', async () => {
    for (let n = 0; n < 200; n += 1) notice(n);
    await open();
    await page.getByText('notice 199', { exact: true }).waitFor();
    await page.locator('#transcript').hover();
    await page.mouse.wheel(0, -3_000);
    await page.getByText('notice 130', { exact: true }).waitFor();
    await page.waitForTimeout(300);
    const before = await topOf('notice 130');
    for (let n = 200; n < 260; n += 1) notice(n);
    await page.getByRole('button', { name: 'New below' }).waitFor();
    expect(await topOf('notice 130')).toBe(before);
    await page.getByRole('button', { name: 'New below' }).click();
    await page.getByText('notice 259', { exact: true }).waitFor();
    await expect.poll(fromEnd).toBeLessThan(3);
  });

  test('loads earlier pages on the way up, in place, to the very start', async () => {
    for (let n = 0; n < 6_000; n += 1) notice(n);
    await open();
    await page.getByText('notice 5999', { exact: true }).waitFor();
    await expect
      .poll(
        async () => {
          await page
            .locator('#transcript')
            .evaluate((e) => void ((e as unknown as { scrollTop: number }).scrollTop = 0));
          return await page.getByText('notice 0', { exact: true }).count();
        },
        { timeout: 30_000, interval: 50 },
      )
      .toBe(1);
    await page.getByText('The start of this session').waitFor();
    expect(
      stage.host.calls.filter(({ method }) => method === 'session.events').length,
    ).toBeGreaterThan(10);
  });

  test('keeps a row where it is when an earlier page comes in above it', async () => {
    for (let n = 0; n < 4_000; n += 1) notice(n);
    await open();
    await page.getByText('notice 3999', { exact: true }).waitFor();
    const held: (() => void)[] = [];
    const { ['session.events']: events } = stage.host.handlers;
    stage.host.handlers['session.events'] = async (params, connection) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return await events(params, connection);
    };
    await page
      .locator('#transcript')
      .evaluate((e) => void ((e as unknown as { scrollTop: number }).scrollTop = 600));
    await expect.poll(() => held.length).toBe(1);
    const text = (await page.locator('.row .notice').nth(12).textContent()) ?? '';
    await page.waitForTimeout(200);
    const before = await topOf(text);
    const height = await heightOf();
    held.shift()?.();
    await expect.poll(heightOf).toBeGreaterThan(height);
    await page.waitForTimeout(200);
    expect(Math.abs((await topOf(text)) - before)).toBeLessThanOrEqual(1);
  });

  test('shows what an agent writes as words, never as a page of its own', async () => {
    stage.host.append(id, {
      type: 'agent.text',
      messageId: 'm',
      text: '<script>window.hit=1</script><img src=x onerror="window.hit=2">\n\n[go](javascript:window.hit=3) [file](file:///etc/passwd)\n\n![seen](https://tracker.example/p.png)\n\n<iframe src="https://a.example"></iframe>',
    });
    await open();
    await page.getByText('<script>window.hit=1</script>').waitFor();
    expect(
      await page.evaluate(
        '[window.hit, document.querySelectorAll("#transcript :is(script, iframe, img)").length, [...document.querySelectorAll("#transcript a")].map((a) => a.href)]',
      ),
    ).toEqual(
      [null, 0, ['https://tracker.example/p.png']].map((value) =>
        value === null ? undefined : value,
      ),
    );
  });

  test('has a way to sign in where the agent needs one, and a clock while the model is silent', async () => {
    stage.host.append(id, {
      type: 'prompt.queued',
      commandId: COMMAND,
      prompt: [{ type: 'text', text: 'go' }],
      by: 'cli',
    });
    stage.host.append(id, { type: 'turn.started', turn: 1, commandId: COMMAND });
    await open();
    await page.getByText(/Waiting for the model · /).waitFor();
    stage.host.append(id, {
      type: 'turn.ended',
      turn: 1,
      outcome: 'failed',
      problem: { message: 'Your sign-in expired.', fix: 'claude /login', kind: 'signIn' },
    });
    await page.getByText('Your sign-in expired.').waitFor();
    await page.getByText('claude /login').waitFor();
  });

  test('holds a flood, an enormous line and an enormous output', async () => {
    const long = 'x'.repeat(1_000_000);
    stage.host.append(id, { type: 'agent.text', messageId: 'a', text: long });
    stage.host.append(id, {
      type: 'tool.updated',
      toolCallId: 't',
      title: 'cat huge',
      kind: 'execute',
      status: 'completed',
      content: [
        { type: 'text', text: Array.from({ length: 50_000 }, (_, i) => `${i}`).join('\n') },
      ],
    });
    await open();
    await page.getByRole('button', { name: /cat huge/ }).click();
    await page
      .getByRole('button', { name: /^Show all/ })
      .last()
      .waitFor();
    for (let n = 0; n < 3_000; n += 1) notice(n);
    await page.getByText('notice 2999', { exact: true }).waitFor();
  });
});

describe('the message box', () => {
  test('takes images by picker and by paste, shows them, and sends them first', async () => {
    await open();
    await page.locator('input[type=file]').setInputFiles({
      name: 'dot.png',
      mimeType: 'image/png',
      buffer: Buffer.from(PNG, 'base64'),
    });
    await page.getByRole('img', { name: 'dot.png' }).waitFor();
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.of(1, 2)], 'pasted.png', { type: 'image/png' }));
      document.querySelector('#composer').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    })()`);
    await page.getByRole('img', { name: 'pasted.png' }).waitFor();
    await page.getByRole('button', { name: 'Remove pasted.png' }).click();
    await page.locator('#composer').fill('what is this?');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => stage.host.calls.find(({ method }) => method === 'session.send')?.params)
      .toMatchObject({
        prompt: [
          { type: 'image', mimeType: 'image/png', data: PNG },
          { type: 'text', text: 'what is this?' },
        ],
      });
  });

  test('says in place when a message is over the cap, and does not send it', async () => {
    await open();
    await page.locator('#composer').fill('a'.repeat(9 * 1024 * 1024));
    await page.getByText(/^This is 9\.4 MB; a message holds 8\.4 MB/).waitFor();
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  });

  test('takes a queued prompt back into the box', async () => {
    stage.host.append(id, {
      type: 'prompt.queued',
      commandId: COMMAND,
      prompt: [{ type: 'text', text: 'later' }],
      by: 'cli',
    });
    await open();
    await page.getByRole('button', { name: 'Take back: later' }).click();
    await expect.poll(async () => await page.locator('#composer').inputValue()).toBe('later');
    await page.getByRole('button', { name: 'Take back: later' }).waitFor({ state: 'detached' });
  });

  test('completes the agent’s commands', async () => {
    stage.host.append(id, {
      type: 'commands.changed',
      commands: [
        { name: 'review', description: 'Review' },
        { name: 'release', description: 'Release' },
      ],
    });
    await open();
    await page.locator('#composer').pressSequentially('/re');
    await page.getByRole('option', { name: /release/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    expect(await page.locator('#composer').inputValue()).toBe('/release ');
  });
});
