// Bundles TypeScript with esbuild into node_modules/.cache/hoplab and keeps the result until a source changes.
// Plain JavaScript: the command line itself is started from such a bundle, which is faster than compiling at each start.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Put together, because this file goes through keepOwnUrl too. */
const OWN_URL = ['import', 'meta', 'url'].join('.');

/**
 * Bundles entries ({ name: path relative to root }) to FOLDER/name.js and returns { folder, built }.
 * The folder is named after its content's sources and never changes once it is there, so concurrent runs cannot
 * disturb each other. It is used again only if every file that went into it has the same size, inode, mtime and ctime.
 */
export async function bundle(root, name, entries, { external, splitting, sourcemap = false }) {
  const cache = join(root, 'node_modules/.cache/hoplab', name);
  const settings = {
    entries,
    external,
    splitting,
    sourcemap,
    node: process.versions.node,
    self: stamp(new URL(import.meta.url)),
    lock: stamp(join(root, 'node_modules/.package-lock.json')),
  };
  const current = readCurrent(cache);
  if (
    current &&
    JSON.stringify(current.settings) === JSON.stringify(settings) &&
    unchanged(root, current.inputs)
  ) {
    return { folder: join(cache, current.folder), built: false };
  }

  const { build } = await import('esbuild');
  const before = Date.now();
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([out, path]) => [out, path])),
    outdir: 'out',
    bundle: true,
    splitting,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external,
    sourcemap: sourcemap ? 'linked' : false,
    metafile: true,
    write: false,
    logLevel: 'silent',
    // CommonJS packages inside a bundle of ES modules still call require for node's own modules.
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(${OWN_URL});`,
    },
    plugins: [keepOwnUrl(root)],
  });
  const inputs = {};
  for (const path of Object.keys(result.metafile.inputs)) {
    // Strip a plugin's namespace; esbuild's own virtual files start with "<".
    if (!path.startsWith('<')) inputs[path] = stamp(join(root, path));
  }
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const file of result.outputFiles) hash.update(file.path.slice(root.length)).update(file.contents);
  const folder = hash.digest('hex').slice(0, 16);
  publish(root, cache, folder, result.outputFiles);
  // A file saved while esbuild was reading may or may not be in the bundle: leave no record, so the next run looks again.
  const settled = Object.values(inputs).every((text) => Number(text.split(' ')[3]) / 1e6 < before);
  if (settled) {
    const record = join(cache, `current.${process.pid}`);
    writeFileSync(record, JSON.stringify({ settings, folder, inputs }));
    renameSync(record, join(cache, 'current.json'));
  }
  return { folder: join(cache, folder), built: true };
}

/** What changes when a file does, as text: size, inode, mtime and ctime in nanoseconds. ctime cannot be set back. */
function stamp(path) {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status ? `${status.size} ${status.ino} ${status.mtimeNs} ${status.ctimeNs}` : 'none';
}

function readCurrent(cache) {
  try {
    const current = JSON.parse(readFileSync(join(cache, 'current.json'), 'utf8'));
    return existsSync(join(cache, current.folder)) ? current : undefined;
  } catch {
    return undefined; // not built yet, or cut short: build
  }
}

function unchanged(root, inputs) {
  for (const path in inputs) if (stamp(join(root, path)) !== inputs[path]) return false;
  return true;
}

/** Writes the files beside their place and renames the folder; removes bundles that are a day old. */
function publish(root, cache, folder, files) {
  const target = join(cache, folder);
  if (!existsSync(target)) {
    const making = join(cache, `making.${process.pid}.${folder}`);
    for (const file of files) {
      const path = join(making, file.path.slice(join(root, 'out').length));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file.contents);
    }
    writeFileSync(join(making, 'package.json'), '{ "type": "module" }\n');
    try {
      renameSync(making, target);
    } catch (error) {
      rmSync(making, { recursive: true, force: true });
      if (!existsSync(target)) throw error; // else another run was first with the same content
    }
  }
  for (const entry of readdirSync(cache)) {
    const path = join(cache, entry);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (entry !== folder && entry !== 'current.json' && age > 24 * 3600 * 1000)
      rmSync(path, { recursive: true, force: true });
  }
}

/** A module that asks where it is (import.meta.url) gets its source's place, not the bundle's. */
function keepOwnUrl(root) {
  const own = join(root, 'lab');
  const others = join(root, 'scenarios');
  return {
    name: 'keep-own-url',
    setup(build) {
      build.onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
        if (!path.startsWith(own) && !path.startsWith(others)) return undefined;
        const text = readFileSync(path, 'utf8');
        if (!text.includes(OWN_URL)) return undefined;
        return {
          contents: text.replaceAll(OWN_URL, JSON.stringify(pathToFileURL(path).href)),
          loader: path.endsWith('.ts') ? 'ts' : 'js',
        };
      });
    },
  };
}
