import { beforeEach, describe, expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import type { ViewState } from '../../../../../renderer/state/view-store.ts';
import { hashOf, routeOf, type Route } from '../../../../../renderer/phone/shell/route.ts';
import { Router, type Pages, type PageState } from '../../../../../renderer/phone/shell/router.ts';

const ONE = sessionIdSchema.parse('s_000000000001');
const VIEW: ViewState = {
  screen: { name: 'home' },
  overlay: null,
  sideOpen: false,
  showArchived: false,
  toasts: [],
  notice: null,
  modeAsk: null,
};

/** A browser's history, at once. */
class History implements Pages {
  readonly entries: { state: unknown; hash: string }[];
  at = 0;
  #pop: () => void = () => {};

  constructor(hash: string) {
    this.entries = [{ state: null, hash }];
  }
  get #entry() {
    const entry = this.entries[this.at];
    if (entry === undefined) throw new Error('The history has been left.');
    return entry;
  }
  hash = (): string => this.#entry.hash;
  state = (): unknown => this.#entry.state;
  push(state: PageState, hash: string): void {
    this.entries.splice(this.at + 1, Infinity, { state, hash });
    this.at += 1;
  }
  replace(state: PageState, hash: string): void {
    this.entries[this.at] = { state, hash };
  }
  go(delta: number): void {
    this.at += delta;
    this.#pop();
  }
  onPop(listener: () => void): () => void {
    this.#pop = listener;
    return () => {};
  }
}

describe('a place of the phone', () => {
  test('has an address that leads back to it', () => {
    const places: Route[] = [
      { name: 'home' },
      { name: 'settings' },
      { name: 'pair' },
      { name: 'night' },
      { name: 'newSession' },
      { name: 'session', sessionId: ONE },
      { name: 'about', sessionId: ONE },
      { name: 'changes', sessionId: ONE, file: null },
      { name: 'changes', sessionId: ONE, file: 'src/ä b/#?%/c.ts' },
    ];
    expect(places.map((place) => routeOf(hashOf(place)))).toEqual(places);
  });

  test.each(['', '#', '#/nowhere', '#/s/', '#/s/../etc', '#token=abcdefgh', '#/s/%00'])(
    'is home where the address %j says nothing',
    (hash) => {
      expect(routeOf(hash)).toEqual({ name: 'home' });
    },
  );

  test('whose file cannot be read is the list of files', () => {
    expect(routeOf(`#/s/${ONE}/changes/%E0%A4%A`)).toEqual({
      name: 'changes',
      sessionId: ONE,
      file: null,
    });
  });
});

describe('the way between places', () => {
  let history: History;
  const view = createStore<ViewState>(() => VIEW);
  let router = new Router(new History('#/'), view);
  const begin = (hash: string): void => {
    router.stop();
    view.setState(VIEW);
    history = new History(hash);
    router = new Router(history, view);
    router.start();
  };
  const place = (): string => hashOf(router.store.getState().route);
  beforeEach(() => begin('#/'));

  test('goes back the way it came', () => {
    router.go({ name: 'session', sessionId: ONE });
    router.go({ name: 'about', sessionId: ONE });
    router.back();
    expect([place(), history.hash()]).toEqual([`#/s/${ONE}`, `#/s/${ONE}`]);
    router.back();
    expect([place(), history.at]).toEqual(['#/', 0]);
  });

  test('goes up where there is nothing to go back to, as after a link', () => {
    begin(`#/s/${ONE}/about`);
    router.back();
    expect([place(), history.entries.length]).toEqual([`#/s/${ONE}`, 1]);
    router.back();
    expect([place(), history.entries.length]).toEqual(['#/', 1]);
  });

  test('goes home to the home it came from, however far', () => {
    router.go({ name: 'session', sessionId: ONE });
    router.go({ name: 'changes', sessionId: ONE, file: null });
    view.setState({ screen: { name: 'home' } });
    expect([place(), history.at]).toEqual(['#/', 0]);
  });

  test('follows what the features of the window ask for', () => {
    view.setState({ screen: { name: 'session', sessionId: ONE }, overlay: null });
    expect(place()).toBe(`#/s/${ONE}`);
    view.setState({ overlay: { name: 'review', sessionId: ONE, file: 'a.ts' } });
    expect([place(), view.getState().overlay]).toEqual([`#/s/${ONE}/changes/a.ts`, null]);
    history.go(-1);
    expect([place(), view.getState().screen]).toEqual([
      `#/s/${ONE}`,
      { name: 'session', sessionId: ONE },
    ]);
  });

  test('a dialog is closed by going back, and takes no step with it when it closes itself', () => {
    router.go({ name: 'about', sessionId: ONE });
    view.setState({ overlay: { name: 'confirmStop', sessionId: ONE } });
    expect(history.at).toBe(2);
    history.go(-1);
    expect([view.getState().overlay, place(), history.at]).toEqual([null, `#/s/${ONE}/about`, 1]);
    view.setState({ overlay: { name: 'confirmStop', sessionId: ONE } });
    view.setState({ overlay: null });
    expect([place(), history.at]).toEqual([`#/s/${ONE}/about`, 1]);
  });

  test('a form that was sent is not gone back to', () => {
    view.setState({ overlay: { name: 'newSession', preset: {} } });
    expect(place()).toBe('#/new');
    view.setState({ screen: { name: 'session', sessionId: ONE }, overlay: null });
    router.back();
    expect(place()).toBe('#/');
  });
});
