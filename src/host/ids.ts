import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import {
  approvalIdSchema,
  commandIdSchema,
  instanceIdSchema,
  sessionIdSchema,
} from '../protocol/ids.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz012345';

/** 12 letters and digits: 60 bits, enough that two never meet on one machine. */
function token(): string {
  return [...randomBytes(12)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export const newSessionId = () => sessionIdSchema.parse(`s_${token()}`);
export const newApprovalId = () => approvalIdSchema.parse(`a_${token()}`);
export const newInstanceId = () => instanceIdSchema.parse(`i_${token()}`);
/** Of a prompt that the host itself queues. */
export const newCommandId = () => commandIdSchema.parse(v7());
