// How CheckpointAnchor.json was made, and how to make it again:
//   npm ci && node compile.mjs          writes CheckpointAnchor.json
//   npm ci && node compile.mjs --check  exits 1 if it would be another
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import solc from "solc";

const here = (name) => new URL(name, import.meta.url);
const source = readFileSync(here("CheckpointAnchor.sol"), "utf8");
const settings = {
  evmVersion: "shanghai",
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};
const input = { language: "Solidity", sources: { "CheckpointAnchor.sol": { content: source } }, settings };
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const problem of output.errors ?? []) {
  console.error(problem.formattedMessage);
  process.exitCode = 1;
}
if (!process.exitCode) {
  const { abi, evm } = output.contracts["CheckpointAnchor.sol"].CheckpointAnchor;
  const { outputSelection, ...kept } = settings;
  const made = JSON.stringify(
    {
      compiler: solc.version(),
      settings: kept,
      source_sha256: createHash("sha256").update(source).digest("hex"),
      abi,
      bytecode: evm.bytecode.object,
      deployed_bytecode: evm.deployedBytecode.object,
    },
    null,
    1,
  ) + "\n";
  const target = here("CheckpointAnchor.json");
  if (!process.argv.includes("--check")) writeFileSync(target, made);
  else if (readFileSync(target, "utf8") !== made) {
    console.error("CheckpointAnchor.json is not what CheckpointAnchor.sol compiles to");
    process.exitCode = 1;
  }
}
