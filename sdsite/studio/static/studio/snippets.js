/** Programs that send the same request as a page does. They run as they are printed, with a token in `TOKEN` or in them. */

import { gettext } from "./frame.js";
export { copyable } from "./copyable.js";

const INDENT = "    ";
const PICTURES = ["image", "mask"];
/** What would not be seen in a program, or would be seen as something else. */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
/** How base64 of the three kinds of files begins. */
const KINDS = { iVBOR: "png", "/9j/": "jpg", UklGR: "webp" };

/**
 * `{ curl, python, javascript }` for a request: its path below /api/v1 and its body. Pictures are read from files.
 * With a `token` the programs have it in them, for one that is shown anyway.
 */
export function snippets({ path, body, token = null }) {
  const request = { url: `${location.origin}/api/v1`, path, fields: fieldsOf(body), token };
  return { curl: curl(request), python: python(request), javascript: javascript(request) };
}

/** The fields as `[name, value, file]`, where `file` is what a picture is called. */
function fieldsOf(body) {
  return Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value, PICTURES.includes(name) && value ? `${name}.${kindOf(value)}` : null]);
}

function kindOf(picture) {
  const encoded = picture.replace(/^data:[^,]*,/, "");
  const start = Object.keys(KINDS).find((known) => encoded.startsWith(known));
  return KINDS[start] ?? "png";
}

function curl({ url, path, fields, token }) {
  const files = fields.some(([, , file]) => file);
  const value = (given, file) => (file ? `"$(base64 < ${file} | tr -d '\\n')"` : files ? unexpanded(json(given)) : json(given));
  return `${[comments("#", fields, token), token && `TOKEN=${token}\n`].filter(Boolean).join("\n")}
curl -sS '${url}${path}' -o answer.json \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  --data-binary @- <<${files ? "JSON" : "'JSON'"} &&
{
${listed(fields, "  ", (name, given, file) => `"${name}": ${value(given, file)}`)}
}
JSON
python3 -c 'import base64, json
answer = json.load(open("answer.json"))
for image in answer.get("images", []):
    with open("picture-{index}.{format}".format(**image), "wb") as file:
        file.write(base64.b64decode(image["image"]))
print(answer["status"] if "images" in answer else json.dumps(answer, indent=2))'
`;
}

/** What a shell would put something in for, in a text that it reads as if it stood in double quotes. */
function unexpanded(text) {
  return text.replace(/[\\$`]/g, "\\$&");
}

function python({ url, path, fields, token }) {
  const files = fields.some(([, , file]) => file);
  return `${comments("#", fields, token, gettext("Runs with Python 3, and needs no packages: python3 picture.py"))}
import base64
import json${token ? "" : "\nimport os"}
import time
import urllib.error
import urllib.request

SERVICE = ${json(url)}
TOKEN = ${token ? json(token) : 'os.environ["TOKEN"]'}


def ask(path, body=None):
    request = urllib.request.Request(SERVICE + path, data=body and json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + TOKEN)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        raise SystemExit(refusal.read().decode())

${files ? PYTHON_PICTURE : ""}
body = {
${listed(fields, INDENT, (name, given, file) => `"${name}": ${file ? `base64_of("${file}")` : pythonic(given)}`, ",")}
}
generation = ask(${json(path)}, body)
while generation["status"] in ("queued", "running"):
    time.sleep(2)
    generation = ask("/generations/" + generation["id"])
for image in generation["images"]:
    with open("picture-{index}.{format}".format(**image), "wb") as file:
        file.write(base64.b64decode(image["image"]))
print(generation["status"])
`;
}

const PYTHON_PICTURE = `
def base64_of(name):
    with open(name, "rb") as file:
        return base64.b64encode(file.read()).decode()

`;

function javascript({ url, path, fields, token }) {
  const files = fields.some(([, , file]) => file);
  return `${comments("//", fields, token, gettext("Runs with Node.js 18 or newer: node picture.mjs"))}
import { ${files ? "readFile, " : ""}writeFile } from "node:fs/promises";

const service = ${json(url)};
const token = ${token ? json(token) : "process.env.TOKEN"};

async function ask(path, body) {
  const answer = await fetch(service + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: \`Bearer \${token}\`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

let generation = await ask(${json(path)}, {
${listed(fields, "  ", (name, given, file) => `${name}: ${file ? `await readFile("${file}", "base64")` : json(given)}`, ",")}
});
while (["queued", "running"].includes(generation.status)) {
  await new Promise((done) => setTimeout(done, 2000));
  generation = await ask(\`/generations/\${generation.id}\`);
}
for (const { index, format, image } of generation.images) {
  await writeFile(\`picture-\${index}.\${format}\`, image, "base64");
}
console.log(generation.status);
`;
}

/** What has to be there before the program runs. */
function comments(sign, fields, token, ...lines) {
  const files = fields.flatMap(([, , file]) => file ?? []);
  if (!token) lines.push(gettext("Your token is read from the environment: export TOKEN=..."));
  if (files.length) lines.push(gettext("Pictures are read from this folder: {files}", { files: files.join(", ") }));
  if (files.some((file) => file.startsWith("mask"))) lines.push(gettext("The mask is white where the picture is painted anew, else black."));
  return lines.map((line) => `${sign} ${line}`).join("\n");
}

/** A line for each field, with a comma behind the last one where the language has it so. */
function listed(fields, indent, line, last = "") {
  return fields.map((field) => indent + line(...field)).join(",\n") + last;
}

/** JSON in which all can be seen. What it escapes is escaped alike in Python and JavaScript. */
function json(value) {
  return JSON.stringify(value).replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function pythonic(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonic).join(", ")}]`;
  if (typeof value !== "object") return json(value);
  return `{${Object.entries(value).map(([name, part]) => `${json(name)}: ${pythonic(part)}`).join(", ")}}`;
}
