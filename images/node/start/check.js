// What programs need of a node that was started from a snapshot: modules, arguments, the environment, TLS, an event loop.
import { createSecureContext } from 'node:tls';

createSecureContext({});
await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write(`${process.argv[2]} ${process.env.CHECK}\n`);
