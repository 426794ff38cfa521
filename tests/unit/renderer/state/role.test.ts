import { expect, test } from 'vitest';
import { epochSchema } from '../../../../src/protocol/ids.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { roleIn } from '../../../../renderer/state/role.ts';

const hello = { protocol: 1, version: '1', home: '/h', epoch: epochSchema.parse('e') };
const device = { id: deviceIdSchema.parse('A'.repeat(22)), name: 'Pixel', role: 'viewer' as const };

test('a surface may do what its host said last; a local one may do all', () => {
  expect([
    roleIn({ kind: 'up', hello: { ...hello, device } }, 'operator'),
    roleIn({ kind: 'up', hello }, undefined),
    roleIn({ kind: 'connecting', failures: 0 }, 'approver'),
    roleIn({ kind: 'stopped' }, undefined),
  ]).toEqual(['viewer', 'operator', 'approver', 'operator']);
});
