/* The chat's page: sends what is written until it is kept, and follows the conversation from the last line it has.
   Words are only ever put in as text; the page's policy (require-trusted-types-for) would refuse markup. */
(() => {
  "use strict";
  const at = (name) => document.getElementById(`chat-${name}`);
  const root = document.getElementById("chat");
  const said = JSON.parse(root.dataset.said);
  const { lang, house, site } = root.dataset;
  const here = location.pathname;
  const framed = window.parent !== window;
  const asked = `lang=${lang}${framed ? "&framed=1" : ""}`;
  const log = at("log"), box = at("text"), form = at("form");

  const DEAD_MS = 45000;  // two pings missed
  const STALE_MS = 25000;
  const LONGEST_MS = 30000;

  let last = 0, lastOurs = 0, has = 0, read = 0;  // lines: what we have, the newest of the house, what we have told
  let who = "", heard = 0, tries = 0, following = null, wake = null, sending = false;
  const waiting = [];  // {id, text, element}: not yet kept, in order

  /* -- what is shown -- */

  function make(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function clock(when) {
    const day = when.toDateString() === new Date().toDateString() ? {} : { month: "short", day: "numeric" };
    const made = make("time", "", when.toLocaleString(lang, { hour: "2-digit", minute: "2-digit", ...day }));
    made.dateTime = when.toISOString();
    return made;
  }

  function words(text, links) {
    const made = make("div", "words");
    made.dir = "auto";
    for (const part of links ? text.split(/(https?:\/\/[^\s<>"'，。；）]+)/) : [text]) {
      if (links && /^https?:\/\//.test(part)) {
        const link = make("a", "", part);
        link.href = part;
        link.target = "_blank";
        link.rel = "noopener noreferrer";
        made.append(link);
      } else {
        made.append(part);
      }
    }
    return made;
  }

  function bubble(from, text, when, note) {
    const made = make("div", `line ${from}`), head = make("p", "who");
    head.append(make("span", "", from === "us" ? house : said.you));
    if (note) head.append(make("span", "", note));
    if (when) head.append(clock(when));
    made.append(head, words(text, from === "us"));
    return made;
  }

  function put(element) {
    const low = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const first = waiting.length ? waiting[0].element : null;
    if (element !== first) log.insertBefore(element, first);
    if (low) log.scrollTop = log.scrollHeight;
  }

  function status(text) {
    if (at("status").textContent !== text) at("status").textContent = text;
  }

  /* -- what comes in -- */

  function line(number, given) {
    if (number <= last) return;
    last = number;
    const when = new Date(given.at);
    if (given.from === "us") {
      lastOurs = number;
      put(bubble("us", given.text, when, given.automatic ? said.automatic : ""));
      tellSeen();
      return;
    }
    const made = bubble("you", given.text, when, "");
    const own = waiting.findIndex((one) => one.id === given.id);
    const shown = own >= 0 ? waiting.splice(own, 1)[0].element : document.getElementById(`line-${given.id}`);
    if (shown) shown.replaceWith(made);
    else put(made);
    made.id = `line-${given.id}`;
  }

  function state(given) {
    if (who && who !== given.who) forget();
    who = given.who;
    at("note").textContent = given.note;
    at("note").hidden = !given.note;
    if (given.state === "settled") status(said.resolved);
    else if (at("status").textContent === said.resolved) status("");
  }

  function forget() {  // another session than before: nothing of the old one stays on the screen
    log.replaceChildren(...waiting.map((one) => one.element));
    last = lastOurs = has = read = 0;
  }

  function take(block) {
    let number = 0, name = "message", data = "";
    for (const row of block.split("\n")) {
      if (row.startsWith("id: ")) number = Number(row.slice(4));
      if (row.startsWith("event: ")) name = row.slice(7);
      if (row.startsWith("data: ")) data += row.slice(6);
    }
    if (!data) return;
    if (name === "state") state(JSON.parse(data));
    if (name === "message") line(number, JSON.parse(data));
  }

  async function follow() {
    following = new AbortController();
    heard = Date.now();
    const answer = await fetch(`${here}/events?${asked}`, {
      headers: { "Last-Event-ID": String(last) }, cache: "no-store", signal: following.signal,
    });
    if (answer.status === 401) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    if (at("status").textContent === said.away) status("");
    tries = 0;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return true;
      heard = Date.now();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      blocks.forEach(take);
    }
  }

  async function keepFollowing() {
    for (let unknown = 0; ;) {
      try {
        unknown = await follow() ? 0 : unknown + 1;
      } catch {
        status(said.away);
      }
      if (unknown > 1) return noCookies();
      if (unknown) await fetch(`${location.href}`, { cache: "no-store" }).catch(() => {});  // hands out a session
      else await pause();
    }
  }

  function noCookies() {
    form.hidden = true;
    status(said.cookies);
    at("own").hidden = false;
  }

  /* -- pauses: full jitter, at most half a minute, cut short when the machine wakes up or is online again -- */

  function pause(least = 0) {
    const length = Math.max(least, 300 + Math.random() * Math.min(LONGEST_MS, 1000 * 2 ** Math.min(tries++, 5)));
    return new Promise((done) => {
      const timer = setTimeout(done, length);
      const before = wake;
      wake = () => { if (before) before(); clearTimeout(timer); done(); };
    });
  }

  function resync() {
    const quiet = Date.now() - heard;
    if (following && quiet > STALE_MS) following.abort();
    if (wake) { const go = wake; wake = null; go(); }
    tellSeen();
  }

  setInterval(() => { if (following && Date.now() - heard > DEAD_MS) following.abort(); }, 5000);
  addEventListener("online", resync);
  addEventListener("focus", resync);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") resync(); });

  /* -- what goes out -- */

  function post(where, given) {
    return fetch(`${here}/${where}?${asked}`, {
      method: "POST", body: JSON.stringify(given), headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(15000),
    });
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();  // only where the page came over TLS or from this machine
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte, n) => ([4, 6, 8, 10].includes(n) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
  }

  function mark(one, text, failed) {
    const note = one.element.querySelector(".fate") || make("p", "small fate");
    note.textContent = text;
    one.element.classList.toggle("failed", failed);
    one.element.append(note);
  }

  async function drain() {
    if (sending) return;
    sending = true;
    for (let one; (one = waiting.find((each) => !each.settled));) {
      let answer = null;
      try {
        answer = await post("messages", { id: one.id, text: one.text });
      } catch {
        status(said.away);
      }
      if (answer && answer.ok) {
        one.settled = true;
        mark(one, said.kept, false);
      } else if (answer && answer.status < 500 && answer.status !== 429) {
        const why = await answer.json().catch(() => ({}));
        one.settled = true;
        mark(one, [said.failed, why.error, ...Object.values(why.errors || {})].filter(Boolean).join(" "), true);
        waiting.splice(waiting.indexOf(one), 1);
      } else {
        if (answer && answer.status === 429) mark(one, said.slower, false);
        await pause(1000 * Number((answer && answer.headers.get("retry-after")) || 0));
      }
    }
    sending = false;
  }

  function send() {
    const text = box.value.trim();
    if (!text) return;
    const one = { id: newId(), text, settled: false, element: bubble("you", text, null, "") };
    log.append(one.element);
    waiting.push(one);
    mark(one, said.sending, false);
    log.scrollTop = log.scrollHeight;
    box.value = "";
    drain();
  }

  /* -- what of the house's words is here, and was read -- */

  async function tellSeen() {
    const looked = document.visibilityState === "visible" && document.hasFocus();
    if (framed && site) window.parent.postMessage({ deskd: "unread", count: lastOurs > read && !looked ? 1 : 0 }, site);
    if (lastOurs <= (looked ? read : has)) return;
    const upto = lastOurs;
    try {
      if (!(await post("seen", { seq: upto, read: looked })).ok) return;
    } catch {
      return;  // told again with the next line, or when the page is looked at
    }
    has = Math.max(has, upto);
    if (looked) read = Math.max(read, upto);
    if (lastOurs > upto) tellSeen();
  }

  /* -- the page itself -- */

  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;  // 229: an input method
    event.preventDefault();
    send();
  });
  at("leave").addEventListener("click", async () => {
    if (!confirm(said.leave_sure)) return;
    if ((await post("leave", {}).catch(() => ({}))).ok) location.reload();
  });
  if (framed && site) {
    const close = () => window.parent.postMessage({ deskd: "close" }, site);
    at("close").hidden = false;
    at("close").addEventListener("click", close);
    addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    addEventListener("message", (event) => {
      if (event.source === window.parent && event.origin === site && event.data && event.data.deskd === "shown") box.focus();
    });
  }
  at("leave").hidden = false;
  form.hidden = false;
  keepFollowing();
})();
