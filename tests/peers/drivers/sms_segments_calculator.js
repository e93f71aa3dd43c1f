// Answers a JSON text with its encoding, its graphemes and the text of each segment.
const path = require("path");
const readline = require("readline");
const { SegmentedMessage } = require(path.join(process.cwd(), "node_modules", "sms-segments-calculator"));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const message = new SegmentedMessage(JSON.parse(line), "auto", false); // false: replaces no look-alikes
  // A segment is an Array of its own kind, whose filter() would make segments with headers: a plain copy has none.
  const text = (segment) => Array.from(segment).filter((unit) => !unit.isUserDataHeader).map((unit) => unit.raw).join("");
  const segments = message.segments.map(text);
  console.log(JSON.stringify({ alphabet: message.encodingName, graphemes: message.graphemes, segments }));
});
