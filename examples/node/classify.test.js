// Against a real server, whose address is in DEMARCHE_ADDRESS.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { connect } from "./client.js";

const address = process.env.DEMARCHE_ADDRESS;
assert.ok(address, "DEMARCHE_ADDRESS must be the address of a server");
const run = promisify(execFile);
const text = "😀 It rained. China condemned the sanctions of the United States.";
const client = connect(address);
after(() => client.close());

test("the command prints who stands where, with the sentence", async () => {
  const { stdout } = await run(process.execPath, ["classify.js", address, text], { cwd: import.meta.dirname });
  assert.match(stdout, /^China is opposed toward .* \(0\.\d\d\):\n {2}China condemned the sanctions of the United States\.\n/);
});

test("the command says what is wrong and ends with 1", async () => {
  await assert.rejects(run(process.execPath, ["classify.js", address, " "], { cwd: import.meta.dirname }), (error) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /INVALID_ARGUMENT: article\.text must hold more than white space/);
    return true;
  });
});

test("a stream answers each article once, a bad one with its error", async () => {
  async function* articles() {
    for (let n = 0; n < 500; n++) yield { id: String(n), request: { article: { text: n % 10 ? text : "" } } };
  }
  const found = new Map();
  for await (const { id, result, error } of client.stream(articles())) {
    assert.ok(!found.has(id), `${id} came twice`);
    found.set(id, result === "error" ? error.reason : "answered");
  }
  assert.equal(found.size, 500);
  for (const [id, what] of found) assert.equal(what, Number(id) % 10 ? "answered" : "TEXT_EMPTY");
});

test("a stream may be left early", async () => {
  async function* endless() {
    for (;;) yield { id: "", request: { article: { text } } };
  }
  for await (const { result } of client.stream(endless())) {
    assert.equal(result, "response");
    break;
  }
});

test("a server that is not there is an error", async () => {
  const nobody = connect("127.0.0.1:1");
  await assert.rejects(nobody.stream([{ id: "a", request: { article: { text } } }]).next(), { code: 14 });
  nobody.close();
});
