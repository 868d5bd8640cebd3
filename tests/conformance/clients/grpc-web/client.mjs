// Clients of gRPC-Web as browsers run them: Google's (base64, over XMLHttpRequest) and Connect's (binary, over fetch).
// Prints a line for each check: `ok NAME` or `FAIL NAME - what is wrong`.
//
//   node client.mjs http://127.0.0.1:PORT

import { createRequire } from 'node:module'
import assert from 'node:assert/strict'

import { create, createFileRegistry } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, StringValueSchema, file_google_protobuf_wrappers } from '@bufbuild/protobuf/wkt'
import { Code, createClient } from '@connectrpc/connect'
import { createGrpcWebTransport } from '@connectrpc/connect-web'

const require = createRequire(import.meta.url)
globalThis.XMLHttpRequest = require('xhr2')
const { GrpcWebClientBase, MethodDescriptor, MethodType, StatusCode } = require('grpc-web')

const base = process.argv[2]
const NOTE = 'a note'
const LONG = 'Käse '.repeat(60_000)

// A message with a text in field 1: google.protobuf.StringValue.
class Text {
  constructor(value) {
    this.value = value
  }

  static encode(message) {
    const text = Buffer.from(message.value)
    const head = text.length ? [0x0a] : []
    for (let rest = text.length; rest > 0; rest >>>= 7) head.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    return new Uint8Array(Buffer.concat([Buffer.from(head), text]))
  }

  static decode(bytes) {
    let at = 1
    while (bytes[at] & 0x80) at += 1
    return new Text(Buffer.from(bytes.slice(at + 1)).toString())
  }
}

function google(format) {
  const client = new GrpcWebClientBase({ format })
  const method = (name, kind) =>
    new MethodDescriptor(`/ferroway.test.Echo/${name}`, kind, Text, Text, Text.encode, Text.decode)
  return {
    // The message, and the fields before and after it.
    echo: (text, metadata = {}) =>
      new Promise((resolve, reject) => {
        const outcome = {}
        const url = `${base}/ferroway.test.Echo/Echo`
        client
          .rpcCall(url, new Text(text), metadata, method('Echo', MethodType.UNARY), (error, message) => {
            if (error) return reject(error)
            outcome.message = message.value
          })
          .on('metadata', (fields) => (outcome.before = fields))
          .on('status', (status) => (outcome.after = status.metadata))
          .on('end', () => resolve(outcome))
      }),
    // The parts and the status.
    count: (text) =>
      new Promise((resolve) => {
        const parts = []
        const url = `${base}/ferroway.test.Echo/Count`
        client
          .serverStreaming(url, new Text(text), {}, method('Count', MethodType.SERVER_STREAMING))
          .on('data', (message) => parts.push(message.value))
          .on('status', (status) => resolve({ parts, status }))
          .on('error', (status) => resolve({ parts, status }))
      }),
  }
}

function connect() {
  const STRING = '.google.protobuf.StringValue'
  const file = create(FileDescriptorProtoSchema, {
    name: 'echo.proto',
    package: 'ferroway.test',
    syntax: 'proto3',
    dependency: ['google/protobuf/wrappers.proto'],
    service: [
      {
        name: 'Echo',
        method: [
          { name: 'Echo', inputType: STRING, outputType: STRING },
          { name: 'Count', inputType: STRING, outputType: STRING, serverStreaming: true },
        ],
      },
    ],
  })
  const registry = createFileRegistry(file, (name) =>
    name === 'google/protobuf/wrappers.proto' ? file_google_protobuf_wrappers.proto : undefined,
  )
  return createClient(registry.getService('ferroway.test.Echo'), createGrpcWebTransport({ baseUrl: base }))
}

// Messages came one by one and not all at the end: the server waits 50 ms between them.
function spread(times) {
  assert.ok(times.at(-1) - times[0] >= 100, `all came within ${times.at(-1) - times[0]} ms`)
}

const checks = {}

for (const format of ['text', 'binary']) {
  const client = google(format)
  checks[`google ${format}: a message and fields`] = async () => {
    const { message, before, after } = await client.echo('hello', { 'x-note': NOTE })
    assert.equal(message, 'hello')
    assert.equal(before['x-before'], NOTE)
    assert.equal(after['x-after'], NOTE)
  }
  checks[`google ${format}: an empty message`] = async () => {
    assert.equal((await client.echo('')).message, '')
  }
  checks[`google ${format}: a long message`] = async () => {
    assert.equal((await client.echo(LONG)).message, LONG)
  }
  checks[`google ${format}: an error`] = async () => {
    const error = await client.echo('fail').then(() => assert.fail('no error'), (error) => error)
    assert.equal(error.code, StatusCode.FAILED_PRECONDITION)
    assert.equal(error.message, '100 % schön')
  }
}

checks['google text: a stream'] = async () => {
  // That they come one by one cannot be seen here: this XMLHttpRequest shows nothing before the end.
  const { parts, status } = await google('text').count('a bc def ghij klmno')
  assert.deepEqual(parts, ['a', 'bc', 'def', 'ghij', 'klmno'])
  assert.equal(status.code, StatusCode.OK)
  assert.equal(status.metadata['x-after'], 'all')
}

checks['google text: a stream that fails'] = async () => {
  const { parts, status } = await google('text').count('a bc fail')
  assert.deepEqual(parts, ['a', 'bc'])
  assert.equal(status.code, StatusCode.ABORTED)
  assert.equal(status.message, 'in the middle')
}

checks['connect: a message and fields'] = async () => {
  const seen = {}
  const { value } = await connect().echo(create(StringValueSchema, { value: 'hello' }), {
    headers: { 'x-note': NOTE },
    onHeader: (fields) => (seen.before = fields.get('x-before')),
    onTrailer: (fields) => (seen.after = fields.get('x-after')),
  })
  assert.deepEqual([value, seen.before, seen.after], ['hello', NOTE, NOTE])
}

checks['connect: a long message'] = async () => {
  assert.equal((await connect().echo({ value: LONG })).value, LONG)
}

checks['connect: an error'] = async () => {
  const error = await connect().echo({ value: 'fail' }).then(() => assert.fail('no error'), (error) => error)
  assert.equal(error.code, Code.FailedPrecondition)
  assert.equal(error.rawMessage, '100 % schön')
}

checks['connect: a stream'] = async () => {
  const parts = []
  const times = []
  for await (const { value } of connect().count({ value: 'a bc def ghij klmno' })) {
    parts.push(value)
    times.push(Date.now())
  }
  assert.deepEqual(parts, ['a', 'bc', 'def', 'ghij', 'klmno'])
  spread(times)
}

checks['connect: a stream that fails'] = async () => {
  const parts = []
  const read = async () => {
    for await (const { value } of connect().count({ value: 'a bc fail' })) parts.push(value)
  }
  const error = await read().then(() => assert.fail('no error'), (error) => error)
  assert.deepEqual(parts, ['a', 'bc'])
  assert.equal(error.code, Code.Aborted)
}

for (const [name, check] of Object.entries(checks)) {
  try {
    await check()
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`FAIL ${name} - ${String(error.message ?? error).replaceAll('\n', ' ').slice(0, 300)}`)
  }
}
