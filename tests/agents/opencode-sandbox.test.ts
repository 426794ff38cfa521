import { sandboxSuite } from '../integration/support/sandbox-suite.ts';

sandboxSuite('opencode');
