import { describe, expect, it } from 'vitest';
import { pair, until } from './ends.ts';

describe('a sealed connection', () => {
  it('costs one round trip for what is asked at once, and confirms after it', async () => {
    const { pipes, device, host, confirmed } = pair();
    host.answer = (text) => {
      if (text !== 'late') host.transport.send(`answer to ${text}`);
    };
    host.start();
    device.start();
    device.transport.send('hello');
    device.transport.send('follow');
    await until('the answers', () => device.texts.length === 2);
    await until('the confirmation', () => confirmed.length === 1);
    expect({
      fromDevice: pipes.device.sent.length,
      fromHost: pipes.host.sent.length,
      texts: [host.texts, device.texts],
      confirmed,
    }).toEqual({
      // Message 1 and the confirmation; message 2.
      fromDevice: 2,
      fromHost: 1,
      texts: [
        ['hello', 'follow'],
        ['answer to hello', 'answer to follow'],
      ],
      confirmed: [1],
    });
  });

  it('carries large texts both ways in order, through windows and parts', async () => {
    const { device, host } = pair();
    host.answer = (text) => host.transport.send(text);
    host.start();
    device.start();
    const texts = [
      'a',
      'ß'.repeat(1_500_000),
      '',
      '\uFEFF mark',
      'x'.repeat(65_518),
      '🙂'.repeat(20_000),
    ];
    for (const text of texts) device.transport.send(text);
    await until('all to come back', () => device.texts.length === texts.length);
    expect(host.texts).toEqual(texts);
    expect(device.texts).toEqual(texts);
  });
});
