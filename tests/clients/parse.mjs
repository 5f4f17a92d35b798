// Answers by a schema, as the clients for Node ask for them: node parse.mjs ADDRESS KEY QUESTION×4
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Output, generateText, jsonSchema } from 'ai';
import OpenAI from 'openai';

const [address, key, ...questions] = process.argv.slice(2);
const schema = { type: 'object', properties: { jars: { type: 'integer' } }, required: ['jars'], additionalProperties: false };
const client = new OpenAI({ baseURL: address, apiKey: key });

const asked = await client.chat.completions.parse({
  model: 'orchestrator',
  messages: [{ role: 'user', content: questions[0] }],
  response_format: { type: 'json_schema', json_schema: { name: 'jars', strict: true, schema } },
});
const parsed = await client.responses.parse({
  model: 'orchestrator',
  input: questions[1],
  text: { format: { type: 'json_schema', name: 'jars', strict: true, schema } },
});
const output = Output.object({ schema: jsonSchema(schema) });
const compatible = createOpenAICompatible({ name: 'orchestra', baseURL: address, apiKey: key, supportsStructuredOutputs: true });
const models = [createOpenAI({ baseURL: address, apiKey: key })('orchestrator'), compatible('orchestrator')];
const objects = [];
for (const [at, model] of models.entries()) {
  const answer = await generateText({ model, prompt: questions[2 + at], output });
  objects.push(answer.output);
}
const texts = [asked.choices[0].message.content, parsed.output_text];
process.stdout.write(JSON.stringify([...texts.map((text) => JSON.parse(text)), ...objects]));
