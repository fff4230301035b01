// The lab's package server, and a registry of container images: folders, laid over each other, over HTTP and HTTPS. Plain JavaScript,
// because it is a program of its own, started alike by the compiled `lab`
// command and by vitest, and Node 20 does not run TypeScript.
import { createReadStream, readFileSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { join, normalize } from 'node:path';

const { roots, key, cert, address } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** The file of that name in the first folder that has it. */
const find = async (path) => {
  for (const root of roots) {
    const real = await realpath(join(root, path)).catch(() => '');
    const found = real.startsWith(root) ? await stat(real) : undefined;
    if (found?.isFile()) return { real, found };
  }
  throw new Error('not a file');
};

const serve = async (request, response) => {
  try {
    const path = normalize(`/${decodeURIComponent(request.url.split('?', 1)[0])}`);
    const { real, found } = await find(path.endsWith('/') ? `${path}index.html` : path);
    const modified = found.mtime.toUTCString();
    if (request.headers['if-modified-since'] === modified) {
      response.writeHead(304).end();
      return;
    }
    const type = path.includes('/manifests/') ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream';
    response.writeHead(200, { 'content-length': found.size, 'content-type': type, 'last-modified': modified });
    if (request.method === 'HEAD') response.end();
    else createReadStream(real).pipe(response);
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
  }
};

createHttpServer(serve).listen(80, address);
createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, serve).listen(443, address);
