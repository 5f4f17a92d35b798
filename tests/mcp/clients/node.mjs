// The official client for Node: `node.mjs SDK http URL KEY`, or `node.mjs SDK stdio COMMAND ARGUMENT…`; the first is the folder of the package.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [sdk, how, ...where] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${sdk}/dist/esm/client/${name}.js`));
const { Client } = await load('index');

async function transport() {
  if (how === 'stdio') {
    const { StdioClientTransport } = await load('stdio');
    return new StdioClientTransport({ command: where[0], args: where.slice(1), env: process.env, stderr: 'inherit' });
  }
  const { StreamableHTTPClientTransport } = await load('streamableHttp');
  const headers = { authorization: `Bearer ${where[1]}` };
  return new StreamableHTTPClientTransport(new URL(where[0]), { requestInit: { headers } });
}

const say = (line) => console.log(JSON.stringify(line));
const client = new Client({ name: 'test', version: '1' });
const line = await transport();
await client.connect(line);
const { tools } = await client.listTools();
say({ version: line.protocolVersion ?? '', tools: tools.map((tool) => tool.name) });
for await (const asked of createInterface({ input: process.stdin })) {
  const { tool, arguments: given, seconds } = JSON.parse(asked);
  const progress = [];
  const onprogress = ({ progress: number, message }) => progress.push([number, message]);
  try {
    const options = { timeout: seconds * 1000, onprogress };
    const result = await client.callTool({ name: tool, arguments: given }, undefined, options);
    say({ is_error: result.isError ?? false, run: result.structuredContent ?? null, text: result.content[0].text, progress });
  } catch (fault) {
    say({ fault: `${fault.constructor.name}: ${fault.message}` });
  }
}
await client.close();
