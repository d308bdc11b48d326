// PostGraphile with two workers behind one port: 'server.mjs ADDRESS-OF-THE-DATABASE'.

import cluster from 'node:cluster';
import { createServer } from 'node:http';

const WORKERS = 2;

if (cluster.isPrimary) {
  let listening = 0;
  for (let number = 0; number < WORKERS; number++) cluster.fork();
  cluster.on('listening', (_, address) => {
    listening += 1;
    if (listening === WORKERS) console.log(`Listens on http://127.0.0.1:${address.port}/`);
  });
  // Half of a server is no measure of a whole one.
  cluster.on('exit', () => process.exit(1));
} else {
  const { postgraphile } = await import('postgraphile');
  const { grafserv } = await import('postgraphile/grafserv/node');
  const { preset } = await import('./preset.mjs');
  const server = createServer();
  server.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  await postgraphile(preset(process.argv[2])).createServ(grafserv).addTo(server);
  // Workers that ask for any port are all given the same one.
  server.listen(0, '127.0.0.1');
}
