#!/usr/bin/env node
// Plain old syntax on purpose: an old Node has to get as far as the sentence below.
var wanted = [20, 19];
var have = process.versions.node.split('.').map(Number);
if (have[0] < wanted[0] || (have[0] === wanted[0] && have[1] < wanted[1])) {
  process.stderr.write('error: glusterctl needs Node ' + wanted.join('.') + ' or newer, this is ' + process.versions.node + '\n');
  process.exitCode = 70;
} else {
  try {
    require('../dist/cli.cjs').main(process.argv).catch(failed);
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  var unbuilt = error && error.code === 'MODULE_NOT_FOUND' && /dist.cli\.cjs/.test(error.message);
  process.stderr.write(
    unbuilt ? 'error: this checkout is not built yet\n  next: npm ci && npm run build\n' : String((error && error.stack) || error) + '\n',
  );
  process.exitCode = 70;
}
