import { expect, test } from 'vitest';
import { webSocketTransport } from '../../../../renderer/state/web-socket-transport.ts';
import { PageSocket } from '../../../fakes/page-socket.ts';

test('sends while the socket is open: not while it closes, and not after', () => {
  const page = new PageSocket();
  page.opens();
  // As much of a page's WebSocket as the transport touches.
  const transport = webSocketTransport(page as unknown as WebSocket);
  const told: unknown[] = [];
  transport.start({ message: (text) => told.push(text), close: (reason) => told.push(reason) });
  transport.send('hello');
  page.isCut();
  transport.send('while it closes');
  page.tellsClose(1006);
  transport.send('too late');

  expect({ sent: page.sent, complaints: page.complaints, told }).toEqual({
    sent: ['hello'],
    complaints: [],
    told: ['the connection ended (1006)'],
  });
});
