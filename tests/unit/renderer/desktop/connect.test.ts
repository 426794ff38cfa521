import { describe, expect, test } from 'vitest';
import { HOST_PORT_MESSAGE } from '../../../../src/ipc/schema.ts';
import { portOpener } from '../../../../renderer/desktop/connect.ts';
import { portTransport } from '../../../../renderer/desktop/port-transport.ts';

class Page extends EventTarget {
  deliver(port: MessagePort, data: unknown = HOST_PORT_MESSAGE, source: unknown = this): void {
    this.dispatchEvent(Object.assign(new Event('message'), { source, data, ports: [port] }));
  }
}

/** Messages of a port come in a turn of their own. */
async function arrivals<T>(list: T[], count: number): Promise<T[]> {
  await expect.poll(() => list.length).toBe(count);
  return list;
}

describe('the shell’s port', () => {
  test('carries messages both ways until the shell says that it is over', async () => {
    const { port1, port2 } = new MessageChannel();
    const got: string[] = [];
    const closed: string[] = [];
    const transport = portTransport(port1);
    const far: unknown[] = [];
    port2.onmessage = ({ data }: MessageEvent<unknown>) => far.push(data);
    port2.postMessage('early');
    transport.start({ message: (text) => got.push(text), close: (reason) => closed.push(reason) });
    transport.send('hello');
    port2.postMessage({ nonsense: true });
    port2.postMessage('late');
    port2.postMessage({ closed: 'the host ended' });
    port2.postMessage('after the end');
    expect(await arrivals(closed, 1)).toEqual(['the host ended']);
    expect([got, await arrivals(far, 1)]).toEqual([['early', 'late'], ['hello']]);
    transport.send('into nothing');
  });

  test('is taken only from this page’s own shell', async () => {
    const page = new Page();
    let asked = 0;
    const open = portOpener({ openHostPort: () => void (asked += 1) }, page as never);
    let arrived = 0;
    void open().then(() => (arrived += 1));
    const { port1 } = new MessageChannel();
    page.deliver(port1, 'something else');
    page.deliver(port1, HOST_PORT_MESSAGE, {});
    await Promise.resolve();
    expect([asked, arrived]).toEqual([1, 0]);
    page.deliver(port1);
    await expect.poll(() => arrived).toBe(1);
    port1.close();
  });

  test('that comes late is not taken by an attempt that was given up', async () => {
    const page = new Page();
    const open = portOpener({ openHostPort: () => {} }, page as never);
    const taken: string[] = [];
    void open().then(() => taken.push('first'));
    void open().then(() => taken.push('second'));
    const { port1 } = new MessageChannel();
    page.deliver(port1);
    await expect.poll(() => taken).toEqual(['second']);
    port1.close();
  });
});
