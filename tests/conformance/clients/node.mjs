// Clients of the end-to-end tests with Node: node:https and node:http2. `node node.mjs PLAIN-PORT TLS-PORT CA`.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';

const [plain, secure, file] = process.argv.slice(2);
const ca = readFileSync(file);
const sent = Buffer.alloc(300_000, '0123456789');

function check(name, status, chunks) {
  const got = Buffer.concat(chunks);
  if (status !== 200 || !got.equals(sent)) throw new Error(`${name}: status ${status}, ${got.length} bytes`);
}

function http1(name, module, port, options) {
  return new Promise((resolve, reject) => {
    const request = module.request({ host: 'localhost', port, method: 'POST', ...options }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(check(name, response.statusCode, chunks)));
    });
    request.on('error', reject);
    request.end(sent);
  });
}

async function overHttp2(name, url) {
  const session = http2.connect(url, { ca });
  const failed = new Promise((_, reject) => session.on('error', reject));
  const one = () =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      const chunks = [];
      let status;
      stream.on('response', (headers) => (status = headers[':status']));
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => resolve(check(name, status, chunks)));
      stream.on('error', reject);
      stream.end(sent);
    });
  await Promise.race([Promise.all(Array.from({ length: 20 }, one)), failed]);
  session.close();
}

for (const [name, run] of [
  ['HTTP/1.1', () => http1('HTTP/1.1', http, plain, {})],
  ['HTTP/1.1 over TLS', () => http1('HTTP/1.1 over TLS', https, secure, { ca })],
  ['HTTP/1.1 over TLS 1.2', () => http1('HTTP/1.1 over TLS 1.2', https, secure, { ca, maxVersion: 'TLSv1.2' })],
  ['h2c', () => overHttp2('h2c', `http://localhost:${plain}`)],
  ['HTTP/2 over TLS', () => overHttp2('HTTP/2 over TLS', `https://localhost:${secure}`)],
]) {
  await run();
  console.log(`ok ${name}`);
}
process.exit(0);
