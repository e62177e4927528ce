// Writes what openapi.json says of replies as TypeScript: schemas by name, successful replies by operationId.
// `npm run check` compares the types of src/lib/types.ts with them (test/types.ts).
// usage: node types.mjs OUTPUT
import {readFileSync, writeFileSync} from "node:fs";

const document = JSON.parse(readFileSync(new URL("../api/admin/openapi.json", import.meta.url), "utf8"));

const named = (name) => `Schema[${JSON.stringify(name)}]`;
const union = (list) => [...new Set(list)].join(" | ") || "never";

function single(type, schema) {
  if (type === "array") return `(${schema.items ? typeOf(schema.items) : "unknown"})[]`;
  if (type === "object") return objectOf(schema);
  return {integer: "number", number: "number", string: "string", boolean: "boolean", null: "null"}[type] ?? "unknown";
}

// The schemas are those of requests too, which may leave out what replies hold: nothing counts as optional.
function objectOf(schema) {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => `${JSON.stringify(name)}: ${typeOf(field)}`);
  const more = schema.additionalProperties;
  if (!fields.length) return more && typeof more === "object" ? `Record<string, ${typeOf(more)}>` : "Record<string, unknown>";
  return `{${fields.join("; ")}}`;
}

function typeOf(schema) {
  if (schema.$ref) return named(schema.$ref.split("/").pop());
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) return union(alternatives.map(typeOf));
  const parts = [];
  if (schema.allOf) parts.push(...schema.allOf.map(typeOf));
  if (schema.properties && !schema.type) parts.push(objectOf(schema));
  if (schema.type) parts.push(union([schema.type].flat().map((type) => single(type, schema))));
  return parts.length > 1 ? parts.map((part) => `(${part})`).join(" & ") : parts[0] ?? "unknown";
}

function replies() {
  const found = [];
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      const reply = Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith("2"))?.[1];
      const schema = reply?.content?.["application/json"]?.schema;
      if (operation.operationId && schema) found.push(`${JSON.stringify(operation.operationId)}: ${typeOf(schema)}`);
    }
  }
  return found;
}

const schemas = Object.entries(document.components.schemas).map(([name, schema]) => `${JSON.stringify(name)}: ${typeOf(schema)}`);
writeFileSync(process.argv[2], `// Written by types.mjs.
export interface Schema {
  ${schemas.join(";\n  ")};
}
export interface Reply {
  ${replies().join(";\n  ")};
}
`);
