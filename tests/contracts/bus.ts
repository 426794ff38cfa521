import { afterEach, expect, test } from 'vitest';
import { MAX_BUS_BYTES, type Bus } from '../../src/relay/cluster/bus.ts';
import { withRoom } from '../../src/relay/cluster/room.ts';

export interface BusesUnderTest {
  /** Two members of one bus; both are up. */
  readonly a: Bus;
  readonly b: Bus;
  /** What was subscribed up to now is known to all members. */
  known(): Promise<void>;
  /** Takes the bus away from b, and gives it back; comes back when `b.isUp` says so. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  end(): Promise<void>;
}

const DEADLINE_MS = 5_000;

/** What every way of joining nodes does. */
export function busContract(make: () => Promise<BusesUnderTest>): void {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const made = async (): Promise<BusesUnderTest> => {
    const place = await make();
    ends.push(place.end);
    return place;
  };

  test('what is published is heard in its order by all who subscribed, also by who says it', async () => {
    const { a, b, known } = await made();
    const [own, theirs, second, other] = [
      heardBy(a, 's.1'),
      heardBy(b, 's.1'),
      heardBy(b, 's.1'),
      heardBy(b, 's.2'),
    ];
    await known();
    const said = Array.from({ length: 500 }, (_, n) => String(n));
    for (const text of said) a.publish('s.1', bytes(text));
    a.publish('s.2', bytes('end'));
    await until(() => other.length === 1 && own.length === 500);
    expect([own, theirs, second, other]).toEqual([said, said, said, ['end']]);
  });

  test('any bytes arrive, none and as many as may be, and are the listener’s own', async () => {
    const { a, b, known } = await made();
    const heard: Buffer[] = [];
    const spoilt = (payload: Uint8Array): void => {
      heard.push(Buffer.from(payload));
      payload.fill(0);
    };
    b.subscribe('s', spoilt);
    b.subscribe('s', spoilt);
    await known();
    const sent = [
      Buffer.alloc(0),
      Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
      Buffer.from('\r\nMSG s 1 5\r\nhello\r\n'),
      Buffer.alloc(MAX_BUS_BYTES, 'x'),
    ];
    for (const payload of sent) a.publish('s', Uint8Array.from(payload));
    await until(() => heard.length === 8);
    const twice = sent.flatMap((payload) => [payload, payload]);
    expect(heard.map((got, n) => got.equals(twice[n] ?? Buffer.of(1)))).toEqual(
      twice.map(() => true),
    );
  });

  test('what is published is not changed by the bus, so that it can be published again', async () => {
    const { a, b, known } = await made();
    const heard = heardBy(b, 's');
    b.subscribe('s', (payload) => void payload.fill(0));
    a.subscribe('s', (payload) => void payload.fill(0));
    await known();
    const payload = bytes('again');
    a.publish('s', payload);
    await until(() => heard.length === 1);
    a.publish('s', payload);
    await until(() => heard.length === 2);
    expect(heard).toEqual(['again', 'again']);
  });

  test('payloads with room around them arrive as they are, in order with others, and again', async () => {
    const { a, b, known } = await made();
    const heard = heardBy(b, 's');
    await known();
    const texts = ['', 'one', 'x'.repeat(4_000), 'y'.repeat(50_000), 'z'.repeat(MAX_BUS_BYTES)];
    const payloads = texts.map((said) => {
      const payload = withRoom(said.length);
      payload.write(said);
      return payload;
    });
    for (const payload of payloads) {
      a.publishWithRoom('s', payload);
      a.publish('s', bytes('plain'));
      a.publishWithRoom('s', payload);
    }
    const subject = `s.${'long'.repeat(30)}`;
    const long = heardBy(b, subject);
    await known();
    a.publishWithRoom(subject, payloads[1] ?? withRoom(0));
    await until(() => heard.length === 15 && long.length === 1);
    const wanted = texts.flatMap((said) => [said, 'plain', said]);
    expect([long, heard.map((said, n) => said === wanted[n])]).toEqual([
      ['one'],
      wanted.map(() => true),
    ]);
  });

  test('who has ended a subscription hears nothing more, others do', async () => {
    const { a, b, known } = await made();
    const [gone, kept] = [[] as string[], heardBy(b, 's')];
    const end = b.subscribe('s', (payload) => {
      gone.push(text(payload));
      if (gone.length === 2) end();
    });
    await known();
    for (const n of ['1', '2', '3']) a.publish('s', bytes(n));
    await until(() => kept.length === 3);
    end();
    expect([gone, kept]).toEqual([
      ['1', '2'],
      ['1', '2', '3'],
    ]);
  });

  test('a question has the one answer that comes first, and none where nobody hears it', async () => {
    const { a, b, known } = await made();
    b.subscribe('q', (payload, asked) => {
      asked?.(bytes(`${text(payload)}!`));
      asked?.(bytes('twice'));
    });
    const plain: boolean[] = [];
    b.subscribe('p', (_, asked) => void plain.push(asked === null));
    await known();
    a.publish('p', bytes('no question'));
    const answers = await Promise.all(
      ['1', '2'].map(async (one) => await a.ask('q', bytes(one), DEADLINE_MS)),
    );
    const own = await b.ask('q', bytes('own'), DEADLINE_MS);
    const nobody = await a.ask('q.nobody', bytes('?'), DEADLINE_MS);
    expect([answers.map((one) => one && text(one)), own && text(own), nobody, plain]).toEqual([
      ['1!', '2!'],
      'own!',
      null,
      [true],
    ]);
  });

  test('a question that is heard and not answered ends at its limit; a late answer harms nobody', async () => {
    const { a, b, known } = await made();
    const late: (() => void)[] = [];
    b.subscribe('q', (_, asked) => void late.push(() => asked?.(bytes('late'))));
    await known();
    const answer = await a.ask('q', bytes('?'), 100);
    for (const reply of late) reply();
    expect([answer, late.length]).toEqual([null, 1]);
  });

  test('with two who answer, one of the two is heard', async () => {
    const { a, b, known } = await made();
    a.subscribe('q', (_, asked) => asked?.(bytes('answer')));
    b.subscribe('q', (_, asked) => asked?.(bytes('answer')));
    await known();
    const answer = await a.ask('q', bytes('?'), DEADLINE_MS);
    expect(answer && text(answer)).toBe('answer');
  });

  test('what is said while the bus is away is gone, and all subscriptions hold when it is back', async () => {
    const { a, b, known, cut, mend } = await made();
    const states: boolean[] = [];
    b.onState((isUp) => void states.push(isUp));
    const ended: boolean[] = [];
    b.onState((isUp) => void ended.push(isUp))();
    const [atA, atB] = [heardBy(a, 's'), heardBy(b, 's')];
    await known();
    await cut();
    const wasUp = b.isUp;
    b.publish('s', bytes('lost'));
    const answer = await b.ask('s', bytes('lost'), DEADLINE_MS);
    const late = heardBy(b, 's.late');
    await mend();
    await known();
    b.publish('s', bytes('back'));
    a.publish('s.late', bytes('back'));
    await until(() => atA.length > 0 && atB.length > 0 && late.length > 0);
    expect({ wasUp, isUp: b.isUp, answer, states, ended, atA, atB, late }).toEqual({
      wasUp: false,
      isUp: true,
      answer: null,
      states: [false, true],
      ended: [],
      atA: ['back'],
      atB: ['back'],
      late: ['back'],
    });
  });

  test('what has been published leaves this process', async () => {
    const { a, b, known } = await made();
    const heard = heardBy(b, 's');
    await known();
    for (let n = 0; n < 50; n += 1) a.publish('s', Buffer.alloc(100_000, 'x'));
    await until(() => heard.length === 50 && a.unsentBytes === 0);
    expect(a.unsentBytes).toBe(0);
  });

  test('who is closed is down, says nothing, hears nothing and throws nothing', async () => {
    const { a, b, known } = await made();
    const [atA, atB] = [heardBy(a, 's'), heardBy(b, 's')];
    await known();
    await b.close();
    await b.close();
    b.publish('s', bytes('b'));
    b.subscribe('s', () => void atB.push('late'))();
    const answer = await b.ask('s', bytes('?'), DEADLINE_MS);
    a.publish('s', bytes('a'));
    await until(() => atA.length > 0);
    expect({ isUp: b.isUp, answer, atA, atB }).toEqual({
      isUp: false,
      answer: null,
      atA: ['a'],
      atB: [],
    });
  });
}

function heardBy(bus: Bus, subject: string): string[] {
  const heard: string[] = [];
  bus.subscribe(subject, (payload) => void heard.push(text(payload)));
  return heard;
}

const bytes = (said: string): Uint8Array => new TextEncoder().encode(said);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error('What should arrive on the bus has not.');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
