// Answers a JSON text with its character set and the text of each part.
const path = require("path");
const readline = require("readline");
const { split } = require(path.join(process.cwd(), "node_modules", "split-sms"));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const result = split(JSON.parse(line));
  console.log(JSON.stringify({ alphabet: result.characterSet, segments: result.parts.map((part) => part.content) }));
});
