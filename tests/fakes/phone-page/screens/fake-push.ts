import { createStore } from 'zustand/vanilla';
import type { PushHere, PushView } from '../../../../renderer/phone/push/push-here.ts';

/** A browser that was not asked yet, and allows what it is asked for; a test says otherwise in `store`. */
export class FakePush implements PushHere {
  readonly store = createStore<PushView>(() => ({
    can: 'yes',
    permission: 'default',
    wanted: null,
    isOn: false,
    kinds: null,
    atHost: null,
    isBusy: false,
    problem: null,
  }));

  turnOn: PushHere['turnOn'] = async (kinds) => {
    const { permission, kinds: before } = this.store.getState();
    if (permission === 'denied') return this.store.setState({ problem: 'Not allowed here.' });
    const since = new Date().toISOString();
    this.store.setState({
      permission: 'granted',
      wanted: true,
      isOn: true,
      kinds: kinds === undefined ? before : kinds,
      atHost: { state: 'on', since, lastAt: null, problem: null, service: 'push.example' },
      problem: null,
    });
  };

  turnOff: PushHere['turnOff'] = async () =>
    this.store.setState({ wanted: false, isOn: false, atHost: null });

  decline: PushHere['decline'] = async () => this.store.setState({ wanted: false });

  look: PushHere['look'] = async () => {};

  test: PushHere['test'] = async () => ({ ok: true, status: 201, tookMs: 40, problem: null });
}
