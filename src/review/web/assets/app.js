// Makes the pages faster: keys, drafts, a submit that tries again, live progress. Without it everything works by forms and links.
// The key map comes from the server (data-keys): the same one that the terminal uses. Empty: single keys are switched off.
"use strict";
(() => {
  const body = document.body;
  const { csrf, item } = body.dataset;
  const keys = body.dataset.keys ? JSON.parse(body.dataset.keys) : null;
  const $ = (id) => document.getElementById(id);
  const grade = $("grade");
  const bar = $("decide");
  let mode = body.dataset.mode;
  const home = mode;
  let busy = false;

  const say = (text) => {
    const to = $("state") ?? $("said");
    to.textContent = text;
  };

  // A live region is read out only if it changes while somebody listens: what came with the page is said again, out of sight.
  const said = $("said");
  if (said?.textContent.trim()) setTimeout(() => ($("heard").textContent = said.textContent), 150);

  // Focus is never hidden behind the bar.
  if (bar) {
    const size = () => document.documentElement.style.setProperty("--bar", `${Math.min(bar.offsetHeight, innerHeight * 0.6)}px`);
    new ResizeObserver(size).observe(bar);
    size();
  }

  const wait = (ms) => new Promise((go) => setTimeout(go, ms));

  /** Sends a form, and tries again while there is no answer: the decision's id makes it one decision however often it arrives. */
  async function send(path, fields, tries) {
    const data = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields);
    for (let n = 0; ; n += 1) {
      try {
        const answer = await fetch(path, { method: "POST", body: data, headers: { "x-tribunal": "script" }, redirect: "error" });
        if (answer.status < 500 && answer.status !== 429) return answer;
      } catch {
        // no connection: once more
      }
      if (n + 1 >= tries) return null;
      say("no connection: trying again; what you entered is kept");
      await wait(Math.min(500 * 2 ** n, 15_000));
    }
  }

  const entered = () => {
    const data = new URLSearchParams();
    for (const [k, v] of new FormData(grade)) data.append(k, v);
    return data;
  };
  const kept = `tribunal-draft-${item}`;
  const store = (f) => {
    try {
      return f(localStorage);
    } catch {
      return null;
    }
  };

  async function post(form, button) {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    const data = new URLSearchParams();
    for (const [k, v] of new FormData(form)) data.append(k, v);
    if (button?.name) data.append(button.name, button.value);
    const go = button ?? form.querySelector("button.go, button");
    go?.setAttribute("aria-disabled", "true");
    say("saving");
    const answer = await send(button?.getAttribute("formaction") ?? form.getAttribute("action"), data, 1000);
    busy = false;
    go?.removeAttribute("aria-disabled");
    if (!answer) return say("not saved: no connection; it is kept in this browser");
    if (!answer.ok) return say(answer.status === 401 ? "not saved: you are no longer signed in; it is kept in this browser" : `not saved (${answer.status}): load the page again`);
    store((s) => s.removeItem(kept));
    const { next } = await answer.json();
    if (next) location.assign(next);
    else say("saved");
  }

  // Drafts: on the server a moment after each change, in this browser until the server has them.
  let timer = 0;
  async function save() {
    const data = entered();
    store((s) => s.setItem(kept, data.toString()));
    const answer = await send(`/items/${item}/draft`, data, 3);
    if (answer?.ok) {
      store((s) => s.removeItem(kept));
      const { held, saved } = await answer.json();
      say(!saved ? "you have decided on this item already" : held ? "draft kept" : "others have taken this item; yours would be one more opinion");
    }
  }
  function changed() {
    store((s) => s.setItem(kept, entered().toString()));
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  }
  if (grade) {
    const left = store((s) => s.getItem(kept));
    if (left) {
      for (const [name, value] of new URLSearchParams(left)) {
        if (["csrf", "decision", "anyway"].includes(name)) continue;
        for (const e of grade.elements) {
          if (e.name !== name) continue;
          if (e.type === "radio") e.checked = e.value === value;
          else e.value = value;
        }
      }
      changed();
    }
    grade.addEventListener("input", changed);
    addEventListener("pagehide", () => {
      if (!busy && store((s) => s.getItem(kept))) navigator.sendBeacon(`/items/${item}/draft`, entered());
    });
    $("rest")?.addEventListener("toggle", () => {
      $("opened").value = "yes";
      changed();
    });
    const asks = grade.querySelector("label[for=ruling-text]");
    const ask = () => {
      asks.textContent = grade.querySelector("input[name=ruling]:checked")?.dataset.asks || "What should change (for the choice above)";
    };
    grade.addEventListener("change", ask);
    ask();
    // A sign of life while the page is looked at.
    setInterval(async () => {
      if (document.visibilityState !== "visible") return;
      const answer = await send(`/items/${item}/beat`, { csrf }, 1);
      if (answer?.ok && !(await answer.json()).held) say("your time on this item has run out; what you submit is kept as one more opinion");
    }, 60_000);
  }
  for (const form of document.forms) {
    if (form.getAttribute("action").startsWith("/items/") || form.id === "undo") {
      form.addEventListener("submit", (e) => {
        e.preventDefault();
        post(form, e.submitter);
      });
    }
  }

  // Keys.
  const back = () => {
    mode = home;
    bar?.classList.remove("menu-ruling", "menu-chip", "menu-cause");
  };
  function pick(name, value) {
    const input = document.querySelector(`input[name="${name}"][value="${CSS.escape(value)}"]`);
    if (!input) return;
    const none = document.querySelector(`input[name="${name}"][value=""]`);
    if (input.checked && none) none.checked = true;
    else input.checked = !input.checked;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function show(id) {
    const e = $(id);
    if (!e) return;
    e.open = !e.open;
    if (e.open) e.scrollIntoView({ block: "nearest" });
  }
  const follow = (id) => $(id)?.click();
  const acts = {
    choose: (n) => {
      pick("score", n);
      const on = document.querySelector("input[name=score]:checked");
      say(on ? `${on.value} chosen, Enter submits` : "no score chosen");
    },
    chip: (w) => (pick("chip", w), back()),
    rule: (w) => {
      pick("ruling", w);
      back();
      if (document.querySelector("input[name=ruling]:checked")?.dataset.asks) $("ruling-text").focus();
    },
    skip: (w) => document.querySelector(`#skip button[value="${CSS.escape(w)}"]`)?.click(),
    submit: () => grade?.requestSubmit(),
    undo: () => ($("undo") ? $("undo").requestSubmit() : undo()),
    next: () => follow(home === "blind" ? "following" : "next"),
    previous: () => (home === "blind" ? follow("previous") : history.back()),
    quit: () => location.assign("/"),
    scroll: (n) => scrollBy({ top: n * 60 }),
    page: (n) => scrollBy({ top: n * (innerHeight - (bar?.offsetHeight ?? 0) - 60) }),
    top: () => scrollTo({ top: 0 }),
    bottom: () => scrollTo({ top: document.body.scrollHeight }),
    menu: (m) => {
      mode = m;
      if (m === "chip" || m === "ruling") $("more").open = true;
      if (m === "skip") $("pass-on").open = true;
      if (m === "revise") $("revise").open = true;
      bar?.classList.add(`menu-${m}`);
      ($({ chip: "chips", ruling: "rulings", cause: "causes" }[m]) ?? bar).scrollIntoView({ block: "nearest" });
      say({ chip: "why? press its number", ruling: "what is wrong? press its letter", skip: "why? press its number", revise: "new score?", cause: "why? press its number" }[m]);
    },
    close: () => {
      back();
      if (isText(document.activeElement)) document.activeElement.blur();
      say("");
    },
    revise: (n) => {
      back();
      document.querySelector(`#revision input[value="${n}"]`).checked = true;
      $("why").focus();
    },
    because: (w) => (pick("cause", w), back(), document.querySelector("#settle input[name=score]")?.focus()),
    note: () => (($("more").open = true), $("note").focus()),
    show: (id) => show(id === "previous" ? "previous-answer" : id),
    raw: () => follow("raw"),
    help: () => location.assign("/settings#keys"),
  };
  async function undo() {
    const answer = await send("/undo", { csrf }, 3);
    if (answer?.ok) location.assign((await answer.json()).next);
  }
  const isText = (e) => e && (e.localName === "textarea" || e.localName === "select" || (e.localName === "input" && !["radio", "checkbox", "hidden"].includes(e.type)));
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.isComposing || e.metaKey) return;
    const name = `${e.ctrlKey ? "Ctrl+" : ""}${e.altKey ? "Alt+" : ""}${e.key}`;
    const at = document.activeElement;
    const now = isText(at) ? "text" : mode;
    if (!keys && !(now === "text" && name === "Ctrl+Enter")) return;
    const found = keys ? keys[now]?.[name] : "submit";
    if (!found) return;
    // A control that is focused keeps its own keys.
    const own = at?.closest("a, button, summary");
    if (own && (name === "Enter" || name === " ")) return;
    if (at?.localName === "input" && (name === " " || name.startsWith("Arrow"))) return;
    e.preventDefault();
    if (e.repeat && !/^(scroll|page)/.test(found)) return;
    if (found === "submit" && at?.form && at.form !== grade) return void at.form.requestSubmit();
    const [what, ...rest] = found.split(" ");
    acts[what]?.(rest.join(" "));
  });

  // Progress.
  if (globalThis.EventSource && $("progress")) {
    const live = new EventSource("/events");
    live.addEventListener("progress", (e) => {
      const p = JSON.parse(e.data);
      $("progress").textContent = `${p.done} of ${p.of} done${p.done < p.of ? `, ${p.minutes} left` : ""}`;
      $("bar").max = Math.max(p.of, 1);
      $("bar").value = p.done;
      $("stop").textContent = p.stop ?? "";
    });
    addEventListener("pagehide", () => live.close());
  }
})();
