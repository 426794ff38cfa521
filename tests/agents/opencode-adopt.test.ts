import { adoptSuite } from '../integration/support/adopt-suite.ts';

adoptSuite('opencode');
