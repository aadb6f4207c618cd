// Runs the program that the command line names, an ES module, as plain `node PROGRAM` would.
import(require('node:url').pathToFileURL(process.argv[1]).href);
