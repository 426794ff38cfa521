import { DiffView } from '../../features/diff/diff-view.tsx';
import { LogView } from '../../features/log/log-view.tsx';
import { NightView } from '../../features/night/night-view.tsx';
import { PowerView } from '../../features/power/power-view.tsx';
import { RulesView } from '../../features/rules/rules-view.tsx';
import { Toasts } from '../../features/toasts/toasts.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { log } from '../../strings/log.ts';
import { night } from '../../strings/night.ts';
import { power } from '../../strings/power.ts';
import { rules } from '../../strings/rules.ts';
import { Dialog } from '../../ui/dialog.tsx';

const TITLES = { rules: rules.title, night: night.title, log: log.title, power: power.title };

/** What stands for longer than a session: rules, nights, the log, the machine; loaded when it is opened. */
export function StandingOverlay({ name }: { readonly name: keyof typeof TITLES }) {
  return (
    <Dialog title={TITLES[name]} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <div className="dialog-body">
        {name === 'rules' && <RulesView />}
        {name === 'night' && <NightView Diff={DiffView} />}
        {name === 'log' && <LogView />}
        {name === 'power' && <PowerView />}
      </div>
      {/* The window's own lie behind the dialog, out of reach. */}
      <Toasts />
    </Dialog>
  );
}
