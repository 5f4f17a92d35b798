// The clients that come from npm, each asked in its own way. Reads questions from standard input, one JSON object a line, and
// writes what comes of them: `{id, text}` while an answer grows, `{id, answer}` at its end.
import { createInterface } from "node:readline";

const MODEL = "orchestrator";

const CLIENTS = {
  async "openai-node"() {
    const { default: OpenAI } = await import("openai");
    return async ({ url, key, messages, stream, model = MODEL, retries: maxRetries, options }, onText) => {
      const client = new OpenAI({ baseURL: url, apiKey: key, maxRetries });
      const answer = empty();
      try {
        if (stream) {
          const chunks = await client.chat.completions.create({
            model, messages, stream: true, stream_options: { include_usage: true }, ...options,
          });
          for await (const chunk of chunks) takeChunk(answer, chunk, onText);
        } else {
          takeWhole(answer, await client.chat.completions.create({ model, messages, ...options }));
        }
      } catch (fault) {
        answer.failure = failure(fault);
      }
      return answer;
    };
  },

  async "openai-node-responses"() {
    const { default: OpenAI } = await import("openai");
    return async ({ url, key, messages, stream, model = MODEL, retries: maxRetries, options }, onText) => {
      const client = new OpenAI({ baseURL: url, apiKey: key, maxRetries });
      const answer = empty();
      const asked = { model, input: messages.map(asItem), ...options, tools: options.tools?.map(asTool) };
      try {
        if (stream) {
          for await (const event of await client.responses.create({ ...asked, stream: true })) {
            if (event.type === "response.output_text.delta") onText(answer.text += event.delta);
            if (event.response?.usage) takeResponse(answer, event.response);
          }
        } else {
          takeResponse(answer, await client.responses.create(asked));
        }
      } catch (fault) {
        answer.failure = failure(fault);
      }
      return answer;
    };
  },

  async "langchain-js"() {
    const { ChatOpenAI } = await import("@langchain/openai");
    return async ({ url, key, messages, stream, model = MODEL, retries: maxRetries, options }, onText) => {
      const { tools, ...more } = options;
      let chat = new ChatOpenAI({ model, apiKey: key, maxRetries, configuration: { baseURL: url } });
      if (tools) chat = chat.bindTools(tools);
      const answer = empty();
      try {
        if (stream) {
          let whole;
          for await (const chunk of await chat.stream(messages, more)) {
            whole = whole ? whole.concat(chunk) : chunk;
            takeMessage(answer, whole);
            if (chunk.text) onText(answer.text);
          }
        } else {
          takeMessage(answer, await chat.invoke(messages, more));
        }
      } catch (fault) {
        answer.failure = failure(fault);
      }
      return answer;
    };
  },

  async "ai-openai"() {
    const { createOpenAI } = await import("@ai-sdk/openai");
    return aiSdk(({ url, key, model = MODEL }) => createOpenAI({ baseURL: url, apiKey: key }).chat(model));
  },

  async "ai-responses"() {
    const { createOpenAI } = await import("@ai-sdk/openai");
    return aiSdk(({ url, key, model = MODEL }) => createOpenAI({ baseURL: url, apiKey: key })(model));
  },

  async "ai-compatible"() {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    return aiSdk(({ url, key, model = MODEL }) =>
      createOpenAICompatible({ name: "serverless-llm", baseURL: url, apiKey: key, includeUsage: true })(model));
  },
};

async function aiSdk(modelOf) {
  const { generateText, streamText, jsonSchema, tool } = await import("ai");
  return async (question, onText) => {
    const { stop, tools, max_tool_calls: maxToolCalls } = question.options;
    const call = {
      model: modelOf(question),
      messages: question.messages.map(asModelMessage),
      allowSystemInMessages: true,
      stopSequences: stop,
      providerOptions: { openai: { maxToolCalls } },
      maxRetries: question.retries,
      tools: tools && Object.fromEntries(tools.map(({ function: given }) =>
        [given.name, tool({ description: given.description, inputSchema: jsonSchema(given.parameters) })])),
    };
    const answer = empty();
    try {
      if (question.stream) {
        const run = streamText({ ...call, onError: () => {} });
        for await (const part of run.fullStream) {
          if (part.type === "text-delta") onText(answer.text += part.text);
          else if (part.type === "error") throw part.error;
        }
        await takeAi(answer, run);
      } else {
        await takeAi(answer, await generateText(call));
      }
    } catch (fault) {
      answer.failure = failure(fault);
    }
    return answer;
  };
}

async function takeAi(answer, run) {
  answer.text = await run.text;
  answer.reasoning = await run.reasoningText ?? "";
  answer.sources = (await run.sources).map(({ url, title }) => ({ url, title: title ?? null, start: null, end: null }));
  // A search of the service is a call to it that is made already.
  const calls = (await run.toolCalls).filter((call) => !call.providerExecuted);
  answer.calls = calls.map((call) => call.toolName);
  answer.finish = await run.finishReason;
  const usage = await run.usage;
  answer.usage = { prompt: usage.inputTokens, completion: usage.outputTokens };
}

// A message of the wire in the words of the AI SDK, which knows no developer role.
function asModelMessage({ role, content }) {
  if (role === "developer") return { role: "system", content };
  if (typeof content === "string") return { role, content };
  return {
    role,
    content: content.map((part) => part.type === "image_url"
      ? { type: "file", mediaType: "image/png", data: part.image_url.url.split(",")[1] } : part),
  };
}

// The same in the words of Responses.
function asItem({ role, content }) {
  if (typeof content === "string") return { role, content };
  return {
    role,
    content: content.map((part) => part.type === "image_url"
      ? { type: "input_image", detail: "auto", image_url: part.image_url.url } : { type: "input_text", text: part.text }),
  };
}

const asTool = ({ function: given }) => ({ type: "function", strict: false, ...given });

function takeResponse(answer, { output, status, usage }) {
  const lines = output.filter((item) => item.type === "reasoning").flatMap((item) => item.summary.map((part) => part.text));
  answer.reasoning = lines.join("");
  answer.text = "";
  answer.sources = [];
  for (const part of output.filter((item) => item.type === "message").flatMap((item) => item.content)) {
    const before = [...answer.text].length;
    answer.sources.push(...part.annotations.map(source).map((it) => ({ ...it, start: it.start + before, end: it.end + before })));
    answer.text += part.text;
  }
  answer.calls = output.filter((item) => item.type === "function_call").map((item) => item.name);
  answer.finish = status === "completed" ? "stop" : status;
  answer.usage = { prompt: usage.input_tokens, completion: usage.output_tokens };
}

function takeWhole(answer, completion) {
  const { message, finish_reason: finish } = completion.choices[0];
  answer.text = message.content ?? "";
  answer.reasoning = message.reasoning_content ?? "";
  answer.sources = (message.annotations ?? []).map(source);
  answer.calls = (message.tool_calls ?? []).map((call) => call.function.name);
  answer.finish = finish;
  answer.usage = used(completion.usage);
}

function takeChunk(answer, chunk, onText) {
  if (chunk.usage) answer.usage = used(chunk.usage);
  for (const { delta, finish_reason: finish } of chunk.choices) {
    answer.reasoning += delta.reasoning_content ?? "";
    answer.sources.push(...(delta.annotations ?? []).map(source));
    answer.calls.push(...(delta.tool_calls ?? []).map((call) => call.function.name));
    answer.finish = finish ?? answer.finish;
    if (delta.content) onText(answer.text += delta.content);
  }
}

function takeMessage(answer, message) {
  const blocks = message.contentBlocks;
  answer.text = message.text;
  answer.reasoning = message.additional_kwargs.reasoning_content
    ?? blocks.filter((block) => block.type === "reasoning").map((block) => block.reasoning).join("");
  const notes = blocks.flatMap((block) => block.annotations ?? []);
  answer.sources = (notes.length ? notes : message.additional_kwargs.annotations ?? []).map(source);
  answer.calls = (message.tool_calls ?? []).map((call) => call.name);
  answer.finish = message.response_metadata.finish_reason ?? null;
  const usage = message.usage_metadata;
  if (usage) answer.usage = { prompt: usage.input_tokens, completion: usage.output_tokens };
}

const empty = () => ({ text: "", reasoning: "", sources: [], usage: null, finish: null, calls: [], failure: null });

const used = (usage) => ({ prompt: usage.prompt_tokens, completion: usage.completion_tokens });

function source(note) {
  const inner = note.url_citation ?? note;
  return { url: inner.url, title: inner.title, start: inner.start_index ?? null, end: inner.end_index ?? null };
}

// The AI SDK wraps the last of its tries, and holds the error's body as text.
function failure(fault) {
  const last = fault.lastError ?? fault;
  const inner = last.error ?? last.data?.error ?? {};
  return {
    kind: fault.constructor.name,
    status: last.status ?? last.statusCode ?? null,
    param: last.param ?? inner.param ?? null,
    code: last.code ?? inner.code ?? null,
    message: String(fault.message ?? fault),
  };
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const ask = await CLIENTS[process.argv[2]]();
for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...question } = JSON.parse(line);
  ask(question, (text) => say({ id, text })).then((answer) => say({ id, answer }));
}
