// node build/dependencies.mjs: fails where an import breaks a rule of .dependency-cruiser.cjs, where a file
// was overlooked, and where the picture in ARCHITECTURE.md is stale. Reading the imports takes nearly all
// of the time, so it is done once for all three.
import { format } from 'dependency-cruiser';
import { readImports, unseen } from './imports.mjs';
import { picture } from './picture.mjs';

const imports = await readImports();
const problems = [];
const { output, exitCode } = await format(imports, { outputType: 'err' });
if (exitCode !== 0) problems.push(String(output).trim());
const overlooked = unseen(imports);
if (overlooked.length > 0)
  problems.push(
    `dependency-cruiser did not see these files, so no rule was applied to them:\n  ${overlooked.join('\n  ')}`,
  );
const { before, after } = await picture(imports);
if (after !== before)
  problems.push(
    'The dependency picture in ARCHITECTURE.md is stale: run node build/picture.mjs and commit.',
  );
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
