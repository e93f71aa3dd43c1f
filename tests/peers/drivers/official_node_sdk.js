// Uses the provider's SDK for Node.js as its user does, against a server; one JSON question a line.
//
// {"ready": {...}} says where the server is and what opens it. {"call": name, "arguments": {...}} calls a method of
// the SDK, arguments by the names that the method declares, and answers with its status and data, or with the name of
// what it throws. Content goes up and comes back as Base64. {"read": [[type, text], ...]} answers with what the
// compiler of TypeScript has against each text as a value of a type of the SDK.
const path = require("path");
const readline = require("readline");

const modules = path.join(process.cwd(), "node_modules");
const sdk = require(path.join(modules, "bandwidth-sdk"));
const typescript = require(path.join(modules, "typescript"));

// Where their types say Set, JSON has an array, and so has what axios returns; their own tests say so.
const HEAD = `import type * as sdk from "bandwidth-sdk";
type Read<T> = T extends Set<infer I> ? Read<I>[] : T extends (infer I)[] ? Read<I>[]
  : T extends object ? { [K in keyof T]: Read<T[K]> } : T;
`;
const HEAD_LINES = HEAD.split("\n").length - 1;
const OPTIONS = {
  noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, types: [],
  target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.Node16,
  moduleResolution: typescript.ModuleResolutionKind.Node16,
};

async function call(ready, name, given) {
  const configuration = new sdk.Configuration({
    username: ready.user, password: ready.password, basePath: ready.base_url, baseOptions: { proxy: false },
  });
  const api = new (name.endsWith("Media") ? sdk.MediaApi : sdk.MessagesApi)(configuration);
  const names = api[name].toString().match(/\(([^)]*)\)/)[1].split(/,\s*/);
  const known = { accountId: ready.account_id, ...given };
  if (known.messageRequest) known.messageRequest.to = new Set(known.messageRequest.to);
  if (known.body) known.body = Buffer.from(known.body, "base64");
  known.options = { headers: known.headers ?? {}, ...(name === "getMedia" && { responseType: "arraybuffer" }) };
  const unknown = Object.keys(known).filter((each) => each !== "headers" && !names.includes(each));
  if (unknown.length) throw new Error(`${name} has no ${unknown}: ${names}`);
  try {
    const { status, data } = await api[name](...names.map((each) => known[each]));
    return Buffer.isBuffer(data) ? { status, content: data.toString("base64") } : { status, data };
  } catch (error) {
    if (!error.response) throw error;
    const { status, data } = error.response;
    return { status, error: error.name, data: Buffer.isBuffer(data) ? JSON.parse(data.toString()) : data };
  }
}

function read(values) {
  const file = path.join(process.cwd(), "values.ts");
  const text = HEAD + values.map(([type, json], index) => `const v${index}: Read<sdk.${type}> = ${json};\n`).join("");
  const host = typescript.createCompilerHost(OPTIONS);
  const open = host.getSourceFile;
  host.getSourceFile = (name, ...rest) =>
    path.resolve(name) === file ? typescript.createSourceFile(name, text, OPTIONS.target) : open(name, ...rest);
  const problems = values.map(() => []);
  for (const found of typescript.getPreEmitDiagnostics(typescript.createProgram([file], OPTIONS, host))) {
    const message = typescript.flattenDiagnosticMessageText(found.messageText, " ");
    if (!found.file || path.resolve(found.file.fileName) !== file) throw new Error(message);
    const line = found.file.getLineAndCharacterOfPosition(found.start).line - HEAD_LINES;
    if (line < 0) throw new Error(message);
    problems[line].push(message);
  }
  return problems;
}

async function main() {
  let ready = {};
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    let answer = {};
    try {
      if (question.ready) ready = question.ready;
      else if (question.read) answer = { problems: read(question.read) };
      else answer = await call(ready, question.call, question.arguments);
    } catch (error) {
      answer = { error: `${error.name}: ${error.message}` }; // whatever it is, it is the answer
    }
    console.log(JSON.stringify(answer));
  }
}

main();
