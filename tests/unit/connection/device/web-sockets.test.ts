import { expect, test } from 'vitest';
import { webSockets } from '../../../../src/connection/device/web-sockets.ts';
import { PageSocket } from '../../../fakes/page-socket.ts';

function dialled() {
  const page = new PageSocket();
  const told: unknown[] = [];
  const socket = webSockets(() => page)('ws://relay/', 'porchlight', {
    opened: () => told.push('opened'),
    text: (text) => told.push(text),
    cargo: (bytes) => told.push(bytes),
    closed: (code, reason) => told.push({ code, reason }),
  });
  return { page, told, socket };
}

test('sends while the socket is open, and only then', () => {
  const { page, told, socket } = dialled();
  socket.send('too early');
  page.opens();
  socket.send('hello');
  page.isCut();
  socket.send('while it closes');
  page.tellsClose(1006, 'gone');
  socket.send('too late');

  expect({ sent: page.sent, complaints: page.complaints, told }).toEqual({
    sent: ['hello'],
    complaints: [],
    told: ['opened', { code: 1006, reason: 'gone' }],
  });
});

test('is over at once for who closes it, and sends nothing more', () => {
  const { page, told, socket } = dialled();
  page.opens();
  socket.close(1000, 'done');
  socket.send('after the close');
  page.tellsClose(1000, 'done');

  expect({ sent: page.sent, complaints: page.complaints, told }).toEqual({
    sent: [],
    complaints: [],
    told: ['opened', { code: 1000, reason: 'done' }],
  });
});
