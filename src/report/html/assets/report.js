"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const list = $("list");
  const form = $("filters");
  if (!list || !form) return;
  const cases = Array.from(list.querySelectorAll(":scope > details.case"));
  const number = (el, key, none) => (el.dataset[key] === "" ? none : Number(el.dataset[key]));
  const texts = new WeakMap();
  const textOf = (el) => {
    if (!texts.has(el)) texts.set(el, el.textContent.toLowerCase());
    return texts.get(el);
  };
  const value = (id) => ($(id) ? $(id).value : "");
  const orders = {
    rank: (a, b) => number(a, "rank") - number(b, "rank"),
    seq: (a, b) => number(a, "seq") - number(b, "seq"),
    priority: (a, b) => number(b, "priority") - number(a, "priority"),
    score: (a, b) => number(a, "score", 9) - number(b, "score", 9),
    latency: (a, b) => number(b, "latency") - number(a, "latency"),
  };

  const sort = () => {
    const by = orders[value("f-sort")] || orders.rank;
    cases.sort((a, b) => by(a, b) || number(a, "rank") - number(b, "rank"));
    list.append(...cases);
  };

  const filter = () => {
    const words = value("f-text").toLowerCase().split(/\s+/).filter(Boolean);
    const checked = form.querySelector("input[name=state]:checked");
    const state = checked ? checked.value : "";
    const agent = value("f-agent");
    const tag = value("f-tag");
    const trigger = value("f-trigger");
    let shown = 0;
    for (const el of cases) {
      const d = el.dataset;
      const fits =
        (!state || d.state === state) &&
        (!agent || d.agent === agent) &&
        (!tag || d.tags.includes(` ${tag} `)) &&
        (!trigger || d.triggers.includes(` ${trigger} `)) &&
        words.every((w) => textOf(el).includes(w));
      el.hidden = !fits;
      if (fits) shown += 1;
    }
    $("shown").textContent = shown === cases.length ? `${shown} cases` : `${shown} of ${cases.length} cases`;
    $("none").hidden = shown > 0 || cases.length === 0;
  };

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 120);
  };

  const move = (step) => {
    const shown = cases.filter((el) => !el.hidden);
    if (shown.length === 0) return;
    const at = shown.findIndex((el) => el.contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + step, 0), shown.length - 1);
    shown[next].querySelector("summary").focus();
  };

  const openFromHash = () => {
    const el = /^#case-\d+$/.test(location.hash) ? $(location.hash.slice(1)) : null;
    if (!el) return;
    el.hidden = false;
    el.open = true;
    el.scrollIntoView();
    el.querySelector("summary").focus();
  };

  const keys = $("keys");
  const keysOn = $("keys-on");
  const stored = (v) => {
    try {
      if (v === undefined) return localStorage.getItem("tribunal-keys");
      localStorage.setItem("tribunal-keys", v);
    } catch {
      // Storage may be closed to local files: the choice then lasts as long as the page.
    }
    return null;
  };
  keysOn.checked = stored() !== "off";
  keysOn.addEventListener("change", () => stored(keysOn.checked ? "on" : "off"));
  $("keys-open").addEventListener("click", () => keys.showModal());

  document.addEventListener("keydown", (e) => {
    const field = e.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
    if (field) {
      if (e.key === "Escape" && field.type === "search") field.blur();
      return;
    }
    if (!keysOn.checked || keys.open || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "/") $("f-text").focus();
    else if (e.key === "?") keys.showModal();
    else return;
    e.preventDefault();
  });

  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("input", (e) => {
    if (e.target.id === "f-sort") sort();
    if (e.target.id === "f-text") soon();
    else filter();
  });
  $("clear").addEventListener("click", () => {
    form.reset();
    sort();
    filter();
    $("f-text").focus();
  });
  addEventListener("hashchange", openFromHash);
  // Once more when all is loaded: the browser's own jump to the case takes the focus away.
  addEventListener("load", openFromHash);

  form.hidden = cases.length === 0;
  sort();
  filter();
  openFromHash();
})();
