// What is shown of an entry: its whole payload, some fields, or items of a batch, each with proof.
import { concat, decimal, equal, hashesOf, need, unb64 } from "./bytes.js";
import { canonicalBytes, hasNames, isMapping, parseCanonical, textAt } from "./canonical.js";
import { leafHash, rootFromPartial, rootOfHashes } from "./merkle.js";
import { inflate } from "./platform.js";

const SALT = 16;
const MAX_FIELDS = 1024;
const MAX_ITEMS = 1 << 24;
const MAX_PLAIN = 1 << 26;

const saltAt = (salts, place) => salts.subarray(place * SALT, (place + 1) * SALT);
const hashField = (salt, name, value) => leafHash(concat(salt, canonicalBytes([name, value])));

/** A payload: {fields, salts}. */
export function parsePayload(bytes) {
  const value = parseCanonical(bytes);
  need(hasNames(value, "fields", "salts"), "a payload is fields and salts");
  need(isMapping(value.fields), "the fields are no mapping");
  const texts = Object.values(value.fields);
  need(texts.every((item) => typeof item === "string"), "a field is not text");
  return { fields: value.fields, salts: unb64(textAt(value, "salts")) };
}

/** Throws unless these are the fields that the entry commits to. */
export async function checkPayload({ fields, salts }, root) {
  const names = Object.keys(fields).sort();
  need(names.length > 0 && names.length <= MAX_FIELDS, "a payload has 1 to 1024 fields");
  need(salts.length === SALT * names.length, "every field has one salt");
  const hashes = [];
  for (const [place, name] of names.entries())
    hashes.push(await hashField(saltAt(salts, place), name, fields[name]));
  need(equal(await rootOfHashes(hashes), root), "the fields are not those that were signed");
}

/** Some fields of a payload: {size, shown: [{place, name, value, salt}], proof}. */
export function parseFields(bytes) {
  const value = parseCanonical(bytes);
  need(hasNames(value, "size", "shown", "proof"), "a disclosure is a size, fields and a proof");
  need(Array.isArray(value.shown), "the shown fields are no list");
  const proof = hashesOf(unb64(textAt(value, "proof")));
  const shown = value.shown.map((item) => {
    need(hasNames(item, "place", "name", "value", "salt"), "a shown field has other members");
    const place = Number(decimal(textAt(item, "place")));
    const salt = unb64(textAt(item, "salt"), SALT);
    return { place, salt, name: textAt(item, "name"), value: textAt(item, "value") };
  });
  const size = decimal(textAt(value, "size"));
  need(size > 0n && size <= MAX_FIELDS, "a payload has 1 to 1024 fields");
  return { size: Number(size), shown, proof };
}

/** Throws unless the shown fields are committed to by `root`. */
export async function checkFields({ size, shown, proof }, root) {
  const names = shown.map((field) => field.name);
  need(names.every((name, i) => i === 0 || names[i - 1] < name), "the shown fields are not in order");
  const hashes = [];
  for (const field of shown) hashes.push(await hashField(field.salt, field.name, field.value));
  const places = shown.map((field) => field.place);
  const found = await rootFromPartial(size, places, hashes, proof);
  need(equal(found, root), "the shown fields are not the committed ones");
}

function columnsOf(value) {
  need(isMapping(value.columns), "the items are not columns");
  const names = Object.keys(value.columns).sort();
  need(names.length > 0, "a batch has at least one column");
  const columns = names.map((name) => [name, listAt(value.columns, name)]);
  return columns;
}

function listAt(members, name) {
  const list = members[name];
  need(Array.isArray(list), "not a list");
  need(list.every((item) => typeof item === "string"), "not a list of texts");
  return list;
}

/** Throws unless these are items of the batch (root, count); answers how many. */
export async function checkItems(data, root, count) {
  const plain = await inflate(data, MAX_PLAIN);
  const value = parseCanonical(plain);
  need(hasNames(value, "columns", "places", "proof", "salts", "size"), "not a share of items");
  const size = decimal(textAt(value, "size"));
  need(size > 0n && size <= MAX_ITEMS, "a batch has 1 to 16,777,216 items");
  const proof = hashesOf(unb64(textAt(value, "proof")));
  const columns = columnsOf(value);
  const salts = unb64(textAt(value, "salts"));
  need(salts.length > 0, "a batch has at least one item");
  need(
    columns.every(([, values]) => values.length * SALT === salts.length),
    "columns and salts differ in length",
  );
  const rows = salts.length / SALT;
  let places = listAt(value, "places").map((place) => Number(decimal(place)));
  need(places.length > 0 || BigInt(rows) === size, "items without places");
  if (places.length === 0) places = Array.from({ length: rows }, (_, place) => place);
  need(size === count, "the batch has another number of items");
  const hashes = [];
  for (let row = 0; row < rows; row += 1) {
    const record = Object.fromEntries(columns.map(([name, values]) => [name, values[row]]));
    hashes.push(await leafHash(concat(saltAt(salts, row), canonicalBytes(record))));
  }
  const found = await rootFromPartial(Number(size), places, hashes, proof);
  need(equal(found, root), "the shown items are not those of the batch");
  return places.length;
}
