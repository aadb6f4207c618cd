#!/usr/bin/env node
import { run } from '../lab/bootstrap/run.js';

await run('lab', process.argv.slice(2));
