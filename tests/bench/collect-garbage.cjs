// Loaded ahead of the host by the bench: on SIGUSR2 it collects its garbage and writes its memory into
// a file of its home. Else what V8 has not got round to would be measured.
'use strict';
const { renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

if (process.argv[1]?.endsWith(join('host', 'main.js'))) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  const file = join(process.env.PORCHLIGHT_HOME, 'memory.json');
  process.on('SIGUSR2', () => {
    // Twice, with a turn of the loop between: finalizers let go of more.
    collect();
    setImmediate(() => {
      collect();
      writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
      renameSync(`${file}.new`, file);
    });
  });
}
