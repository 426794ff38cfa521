import type { Step } from './step.ts';
import { allowInTray } from './steps/allow-in-tray.ts';
import { allowInWindow } from './steps/allow-in-window.ts';
import { answerQuestion } from './steps/answer-question.ts';
import { clickNewSession } from './steps/click-new-session.ts';
import { killTrayApp } from './steps/kill-tray-app.ts';
import { lightTheLamp } from './steps/light-the-lamp.ts';
import { seeHistory } from './steps/see-history.ts';
import { startSession } from './steps/start-session.ts';
import { stopEverything } from './steps/stop-everything.ts';
import { watchFromTerminal } from './steps/watch-from-terminal.ts';
import { watchText } from './steps/watch-text.ts';

/** The main job, in order. A new part of the product adds its step here. */
export const steps: readonly Step[] = [
  lightTheLamp,
  clickNewSession,
  startSession,
  watchText,
  allowInWindow,
  allowInTray,
  answerQuestion,
  killTrayApp,
  watchFromTerminal,
  seeHistory,
  stopEverything,
];
