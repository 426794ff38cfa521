import type { Stage } from '../stage.ts';
import type { Step } from '../step.ts';
import { PROMPT, TITLE } from './start-session.ts';

export const seeHistory: Step = {
  name: 'a new tray app shows the whole history',
  async run(stage) {
    const { tray } = await stage.startApp();
    await tray.click([`${TITLE} — quiet`]);
    const window = await stage.window();
    const conversation = window.page.getByRole('log');
    await conversation.getByText('All three tests pass').waitFor();
    // Colours come a moment later, from a worker.
    await conversation.locator('code .code-keyword').first().waitFor();
    await stage.shoot(window, 'history-end');
    await conversation.press('Home');
    await conversation.getByText(PROMPT).waitFor();
    await stage.shoot(window, 'history-start');
    const { lastSeq } = await stage.until('quiet', ({ state }) => state === 'idle');
    const numbers = await numbersOf(stage);
    if (numbers.length !== lastSeq || numbers.some((seq, index) => seq !== index + 1))
      throw new Error(
        `The history has ${numbers.length} events, and the last is number ${lastSeq}`,
      );
    return `The tray app starts again and shows the whole conversation: ${lastSeq} events, none missing, none twice.`;
  },
};

/** The numbers of all stored events, page by page. */
async function numbersOf({ client, sessionId }: Stage): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    const after = numbers.at(-1) ?? 0;
    const { events, more } = await client.call('session.events', { sessionId, after });
    numbers.push(...events.map(({ seq }) => seq));
    if (!more) return numbers;
  }
}
