import { expect, test } from 'vitest';
import { checkAnswer } from '../../../../src/host/approvals/form-answer.ts';

const question = {
  message: 'Which?',
  requestedSchema: {
    type: 'object',
    properties: { colour: { type: 'string' }, parts: { type: 'array' }, now: { type: 'boolean' } },
    required: ['colour'],
  },
};

test.each([{ colour: 'red' }, { colour: 'red', parts: ['a', 'b'], now: false }, { colour: '' }])(
  '%j answers it',
  (content) => {
    expect(() => checkAnswer(question, content)).not.toThrow();
  },
);

test.each([
  [{}, '"colour" is missing. It asks for colour, parts, now.'],
  [{ colour: 'red', size: 1 }, 'the question has no "size"'],
  [{ colour: { red: 1 } }, '"colour" must be text, a number, true or false, or a list of texts'],
  [{ colour: 'red', parts: [1] }, '"parts" must be text'],
  [{ colour: null }, '"colour" must be text'],
])('%j does not', (content, why) => {
  expect(() => checkAnswer(question, content)).toThrow(why);
});

test('a question without a form that can be read takes what is no object', () => {
  expect(() => checkAnswer({ message: 'Which?' }, { any: 'text' })).not.toThrow();
  expect(() => checkAnswer(null, { any: {} })).toThrow('must be text');
});
