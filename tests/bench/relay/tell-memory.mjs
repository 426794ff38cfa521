// Loaded ahead of what is measured (`node --import`), with an IPC channel: answers {collect: true}
// with its memory once its garbage is gone. Else what V8 has not got round to would be measured.
import process from 'node:process';
import v8 from 'node:v8';
import vm from 'node:vm';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

process.on('message', (message) => {
  if (message?.collect !== true) return;
  // Twice, with a turn of the loop between: finalizers let go of more.
  collect();
  setImmediate(() => {
    collect();
    process.send({ memory: process.memoryUsage() });
  });
});
