import { describe, expect, test } from 'vitest';
import {
  formContent,
  questionForm,
} from '../../../../../renderer/features/approvals/form-model.ts';

const form = (properties: Record<string, unknown>, required: string[] = []) =>
  questionForm({ message: 'Why?', requestedSchema: { type: 'object', properties, required } });

describe('a question’s form', () => {
  test('reads each kind of field that agents ask for', () => {
    const kinds = form({
      name: { type: 'string' },
      mail: { type: 'string', format: 'email' },
      many: { type: 'integer' },
      share: { type: 'number' },
      sure: { type: 'boolean' },
      titled: { type: 'string', oneOf: [{ const: 'a', title: 'A' }] },
      named: { type: 'string', enum: ['a', 'b'], enumNames: ['Ay', 'Bee'] },
      several: { type: 'array', items: { enum: ['x', 'y'] } },
      several2: { type: 'array', items: { anyOf: [{ const: 'x', title: 'Ex' }] } },
      nested: { type: 'object' },
      nothing: 7,
    }).fields.map((field) => [
      field.id,
      field.kind,
      'choices' in field ? field.choices.map(({ name }) => name) : null,
    ]);
    expect(kinds).toEqual([
      ['name', 'text', null],
      ['mail', 'text', null],
      ['many', 'number', null],
      ['share', 'number', null],
      ['sure', 'yesNo', null],
      ['titled', 'one', ['A']],
      ['named', 'one', ['Ay', 'Bee']],
      ['several', 'many', ['x', 'y']],
      ['several2', 'many', ['Ex']],
      ['nested', 'json', null],
      ['nothing', 'json', null],
    ]);
  });

  test.each([[null], ['text'], [{}], [{ message: 5 }], [{ message: 'm', requestedSchema: [] }]])(
    'of %j is empty and can still be answered',
    (input) => {
      const empty = questionForm(input);
      expect(formContent(empty, empty.initial)).toEqual({ ok: true, content: {} });
    },
  );

  test('starts with the agent’s defaults where they fit', () => {
    const { initial } = form({
      a: { type: 'string', default: 'x' },
      b: { type: 'integer', default: 3 },
      c: { type: 'boolean', default: true },
      d: { type: 'array', items: { enum: ['x'] }, default: ['x', 4] },
      e: { type: 'string', default: 9 },
    });
    expect(initial).toEqual({ a: 'x', b: '3', c: true, d: ['x'], e: '' });
  });

  test('gives values of the right type and leaves out what is empty', () => {
    const asked = form({
      a: { type: 'string' },
      b: { type: 'integer' },
      c: { type: 'boolean' },
      d: { type: 'array', items: { enum: ['x'] } },
      e: { type: 'object' },
    });
    expect(formContent(asked, { a: '', b: ' 12 ', c: false, d: [], e: '{"k":1}' })).toEqual({
      ok: true,
      content: { b: 12, c: false, e: { k: 1 } },
    });
  });

  test('says what is wrong with which field', () => {
    const asked = form(
      {
        need: { type: 'string' },
        num: { type: 'number', minimum: 2, maximum: 5 },
        whole: { type: 'integer' },
        big: { type: 'number', maximum: 5 },
        word: { type: 'number' },
        short: { type: 'string', minLength: 3 },
        long: { type: 'string', maxLength: 3 },
        few: { type: 'array', items: { enum: ['x', 'y'] }, minItems: 2 },
        much: { type: 'array', items: { enum: ['x', 'y'] }, maxItems: 1 },
        json: { type: 'object' },
        pick: { type: 'string', enum: ['x'] },
      },
      ['need', 'pick'],
    );
    const values = {
      need: ' ',
      num: '1',
      whole: '1,5',
      big: '6',
      word: 'six',
      short: 'ab',
      long: 'abcd',
      few: ['x'],
      much: ['x', 'y'],
      json: '{',
      pick: '',
    };
    expect(formContent(asked, values)).toEqual({
      ok: false,
      problems: {
        need: 'required',
        num: 'tooSmall',
        whole: 'notWhole',
        big: 'tooLarge',
        word: 'notANumber',
        short: 'tooShort',
        long: 'tooLong',
        few: 'tooFew',
        much: 'tooMany',
        json: 'notJson',
        pick: 'required',
      },
    });
  });

  test('never runs the agent’s pattern, which could hold the window', () => {
    const asked = form({ a: { type: 'string', pattern: '^(a+)+$' } });
    const startedAtMs = performance.now();
    expect(formContent(asked, { a: `${'a'.repeat(40)}!` })).toMatchObject({ ok: true });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    expect(asked.fields[0]?.hint).toBe('(^(a+)+$)');
  });
});
