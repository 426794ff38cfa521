import type { Step } from '../step.ts';

const ANSWER = 'Make them plain (cafe)';

export const answerQuestion: Step = {
  name: 'a question is answered in the window',
  async run(stage) {
    const window = await stage.window();
    const card = window.page
      .getByRole('article')
      .filter({ hasText: 'What should slugify do with accented letters' })
      .filter({ has: window.page.getByRole('button', { name: 'Answer' }) });
    await card.getByRole('radio', { name: ANSWER }).check();
    await stage.read();
    await stage.shoot(window, 'question');
    await window.decide('Answer');
    await stage.until('answer', ({ approvals }) => approvals[0]?.kind !== 'question');
    return `Two of three tests fail, and it asks what to do with accented letters: "${ANSWER}" is answered in the window.`;
  },
};
