// A start-up snapshot that holds nothing but node itself, started. Debian's node is built without the snapshot and the code
// cache that upstream's has (process.config.variables.node_use_node_snapshot), so that each start compiles and runs its
// whole bootstrap: that is more than half of a program's start. `node --build-snapshot` gives it back.
const { startupSnapshot } = require('node:v8');

startupSnapshot.setDeserializeMainFunction(() => {
  // Inside a snapshot `require` knows only node's own modules, and there is no import().
  require('node:module').createRequire(__filename)('/usr/local/lib/hoplab/start/main.cjs');
});
