// A start-up snapshot that holds node itself, started, and those of its modules that most programs use. Debian's node is
// built without the snapshot and the code cache that upstream's has (process.config.variables.node_use_node_snapshot), so that
// each start compiles and runs its whole bootstrap, and every module that it loads: that is more than half of a program's
// start. `node --build-snapshot` gives it back.
const { startupSnapshot } = require('node:v8');

// What the HTTP and TLS modules are made of. They themselves hold objects of C++ that a snapshot cannot take up.
for (const name of (process.env.PRELOAD ?? '').split(' ').filter(Boolean)) require(`node:${name}`);

startupSnapshot.setDeserializeMainFunction(() => {
  // Inside a snapshot `require` knows only node's own modules, and there is no import().
  require('node:module').createRequire(__filename)('/usr/local/lib/hoplab/start/main.cjs');
});
