// The server, as the phone sees it. Problems (RFC 9457) become `Refusal`, a lost network `Offline`.
import { facts } from "./words.js";

/** Nothing was decided, so that what was sent is kept and sent again. `problem`: why, if it was said. */
export class Offline extends Error {
  constructor(reason, problem = null) {
    super(reason);
    this.problem = problem;
  }
}

const partsOf = (status, problem) => ({
  status,
  title: problem.title ?? `HTTP ${status}`,
  detail: problem.detail ?? "",
  mend: problem.mend ?? "",
  code: problem.code ?? "",
  errors: problem.errors ?? [],
});

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.title ?? String(status));
    Object.assign(this, partsOf(status, problem));
  }
}

const csrfToken = () =>
  /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? document.body.dataset.csrf ?? "";

async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const isForm = body instanceof FormData;
  if (body && !isForm) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: isForm || !body ? body : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch (error) {
    throw new Offline(error.message);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status >= 502 && response.status <= 504)
    throw new Offline(String(response.status), answer.code ? partsOf(response.status, answer) : null);
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export const enrol = (publicKey, label) =>
  call("POST", "devices/", { public_key: publicKey, label });
export const device = (kid) => call("GET", `devices/${kid}/`);
export const unlockSecret = (kid) => call("GET", `devices/${kid}/unlock/`);
export const renewUnlock = (kid, phone) => call("PUT", `devices/${kid}/unlock/`, { phone });
const PATHS = {
  "lease.recorded": "leases/",
  "application.recorded": "applications/",
  "quote.recorded": "quotes/",
  "contact.recorded": "contacts/",
};
export const submit = (kind, record) => call("POST", PATHS[kind], record);
export const worklist = () => call("GET", "worklist/");
export const applications = () => call("GET", "applications/");
export const erased = (rids) => call("POST", "leases/erased/", { rids });
/** Of what comes in versions, `ts` says which. */
export const receipt = (kind, rid, ts) =>
  call("GET", `${PATHS[kind]}${rid}/receipt/${kind === "application.recorded" ? `?ts=${ts}` : ""}`);

export function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return call("POST", "uploads/", form);
}

/** End the session: the next page is the door. */
export async function signOut() {
  const { sign_out: path } = facts;
  await fetch(path, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, redirect: "manual" });
}
