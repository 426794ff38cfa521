import { expect, test } from 'vitest';
import { withPicture } from '../../../build/picture.mjs';

const document = 'Before\n<!-- dependency picture -->\nold\n<!-- /dependency picture -->\nAfter\n';

test('the drawing between the markers is replaced, and drawing it again changes nothing', () => {
  const once = withPicture(document, 'flowchart LR\na-->b\n\n');
  expect([once, withPicture(once, 'flowchart LR\na-->b')]).toEqual([
    'Before\n<!-- dependency picture -->\n\n```mermaid\nflowchart LR\na-->b\n```\n\n<!-- /dependency picture -->\nAfter\n',
    once,
  ]);
});

test.each(['', '<!-- /dependency picture --> <!-- dependency picture -->'])(
  'a document without its markers is refused: %j',
  (without) => {
    expect(() => withPicture(without, '')).toThrow(/put both lines back/);
  },
);
