import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelsOf, writeChannels } from '../../../../src/host/channels/channels-file.ts';
import { configOf } from '../../../../src/host/config/config.ts';

const NONE = { ntfy: null, webhook: null, allowHosts: [] };
const ntfy = { url: 'https://ntfy.sh', topic: 'mine', token: 'tk_1' };
const webhook = { url: 'https://hooks.example.com/x?key=1', secret: 'a secret of sixteen' };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'channels-'));
  path = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true }));
const read = () => configOf(path, readFileSync(path, 'utf8'));

describe('the channels in config.json', () => {
  it('are none without a file, and then what was written; the rest of the file stays', () => {
    writeFileSync(path, '{"limits":{"agentProcesses":3},"notify":{"seenSec":60}}');
    expect(channelsOf(read())).toEqual(NONE);
    writeChannels(path, NONE, { ntfy, allowHosts: ['10.0.0.1'] });
    writeChannels(path, channelsOf(read()), { webhook });
    expect([channelsOf(read()), read().limits, read().notify?.seenSec]).toEqual([
      { ntfy, webhook, allowHosts: ['10.0.0.1'] },
      { agentProcesses: 3 },
      60,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeChannels(path, channelsOf(read()), { ntfy: null });
    expect([channelsOf(read()).ntfy, channelsOf(read()).webhook]).toEqual([null, webhook]);
    writeChannels(path, channelsOf(read()), {});
    expect(JSON.parse(readFileSync(path, 'utf8'))).not.toHaveProperty('notify.ntfy');
  });

  it('are refused in words where nothing may be sent, and the file is as it was', () => {
    const bad = [
      { ntfy: { ...ntfy, url: 'http://ntfy.sh' } },
      { ntfy: { ...ntfy, url: 'https://192.168.1.4' } },
      { ntfy: { ...ntfy, url: 'https://ntfy.sh/?x=1' } },
      { ntfy: { ...ntfy, token: 'a\r\nb: c' } },
      { webhook: { ...webhook, url: 'https://me:secret@hooks.example.com/' } },
      { webhook: { ...webhook, url: 'https://[::ffff:10.0.0.1]/' } },
    ].map((change) => {
      try {
        writeChannels(path, NONE, change);
        return 'written';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    });
    expect(bad).toEqual([
      'ntfy: The address at ntfy.sh is not https, and ntfy.sh is not in allowHosts.',
      'ntfy: 192.168.1.4 is a private address, and not in allowHosts.',
      'ntfy: give the address of the server alone, without the topic.',
      'ntfy: the token has characters that no token has.',
      'webhook: The address at hooks.example.com has a name or password in it: that is not sent.',
      'webhook: [::ffff:a00:1] is a private address, and not in allowHosts.',
    ]);
    expect(() => statSync(path)).toThrow('ENOENT');
  });
});
