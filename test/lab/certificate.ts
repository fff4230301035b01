import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './run.ts';
import { SERVED } from './seed.ts';

/** Makes server.key and server.crt in `dir`, for all served names and one address, by the lab's authority in `keys`. */
export const certificate = async (keys: string, dir: string, address: string): Promise<void> => {
  const names = [...SERVED.map((name) => `DNS:${name}`), `IP:${address}`].join(',');
  writeFileSync(join(dir, 'server.ext'), `subjectAltName=${names}\n`);
  const script = [
    'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -subj "/CN=$1" -out server.csr',
    'openssl x509 -req -in server.csr -CA "$2/ca.crt" -CAkey "$2/ca.key" -set_serial "0x$(openssl rand -hex 8)" -days 3000 -sha256 -extfile server.ext -out server.crt',
  ].join(' && ');
  await must('sh', ['-c', script, 'certificate', SERVED[0] ?? '', keys], { cwd: dir });
};
