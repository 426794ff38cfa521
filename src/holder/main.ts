process.stderr.write('the holder is not built yet\n');
process.exitCode = 1;
