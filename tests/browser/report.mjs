// Opens a report.html in a real browser and checks what only a browser can tell.
// node report.mjs REPORT.html [PAYLOADS.json]
// PAYLOADS.json: a list of hostile texts that the report must show as text. One line a check; exit 1 if one fails.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [, , file, payloadFile] = process.argv;
if (!file) {
  console.error("usage: node report.mjs REPORT.html [PAYLOADS.json]");
  process.exit(2);
}
const url = pathToFileURL(resolve(file)).href;
const payloads = payloadFile ? JSON.parse(readFileSync(payloadFile, "utf8")) : [];

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const VIEWS = {
  "1280 light": { viewport: DESKTOP },
  "1280 dark": { viewport: DESKTOP, colorScheme: "dark" },
  "390 wide": { viewport: PHONE, hasTouch: true },
  "320 wide": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  "forced colours": { viewport: DESKTOP, forcedColors: "active" },
  "no script": { viewport: DESKTOP, javaScriptEnabled: false },
};
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
// Every element that the templates use. Anything else came out of an answer.
const OURS = `a article bdi body b br button circle code dd del desc details dialog div dl dt fieldset figcaption figure footer
  form h1 h2 h3 head header html i input ins kbd label legend li line main meta ol option p path q rect script section select small
  span strong style summary svg table tbody td text th thead title tr ul`.split(/\s+/);

let failed = 0;
let view = "";
function check(what, fine, detail = "") {
  if (!fine) failed += 1;
  console.log(`${fine ? "ok  " : "FAIL"} ${view}: ${what}${fine || !detail ? "" : ` (${detail})`}`);
}
const same = (what, got, want) => check(what, JSON.stringify(got) === JSON.stringify(want), `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);

/** Opens the report and writes down all that it should not do. */
async function open(browser, options, hash = "") {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const noise = { errors: [], requests: [], dialogs: [], pages: [] };
  page.on("console", (m) => m.type() === "log" || noise.errors.push(m.text()));
  page.on("pageerror", (e) => noise.errors.push(String(e)));
  page.on("request", (r) => noise.requests.push(r.url()));
  page.on("dialog", (d) => {
    noise.dialogs.push(d.message());
    d.dismiss();
  });
  context.on("page", (p) => noise.pages.push(p.url()));
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => globalThis.violations.push(`${e.effectiveDirective} ${e.blockedURI}`));
  });
  await page.goto(url + hash, { waitUntil: "load" });
  return { context, page, noise };
}

async function quiet(page, noise) {
  same("no console message, no error, no policy violation", [...noise.errors, ...(await page.evaluate(() => globalThis.violations ?? []))], []);
  same("requests nothing but itself", noise.requests.map((r) => r.split("#")[0]), [url]);
  same("opens no dialog and no window", [...noise.dialogs, ...noise.pages], []);
}

async function axe(page, what) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(
    async (tags) => {
      const r = await globalThis.axe.run(document, { runOnly: tags, preload: false, resultTypes: ["violations"] });
      return r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
    },
    WCAG,
  );
  check(`axe finds nothing, ${what}`, found.length === 0, found.join("\n     "));
}

/** Opens every case and fold. Cases that are scrolled away are drawn too: axe skips what is not drawn. */
const openAll = (page) =>
  page.evaluate(() => {
    for (const d of document.querySelectorAll("details")) d.open = true;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".case { content-visibility: visible !important }");
    document.adoptedStyleSheets = [sheet];
  });

/** What sticks out of the page at the right. */
const tooWide = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 0.5 && !e.closest(".scroll"));
    return [`${document.documentElement.scrollWidth} px`, ...wide.slice(0, 5).map((e) => `${e.localName}.${e.getAttribute("class")}`)];
  });

async function looks(page) {
  same("no sideways scrolling, all closed", await tooWide(page), []);
  await axe(page, "all closed");
  await openAll(page);
  same("no sideways scrolling, all open", await tooWide(page), []);
  await axe(page, "all open");
  await page.click("#keys-open");
  await axe(page, "list of keys");
}

/** Text of strangers made no element, no attribute, no link. */
async function inert(page) {
  const found = await page.evaluate((ours) => {
    const all = [...document.querySelectorAll("*")];
    return {
      elements: [...new Set(all.map((e) => e.localName).filter((n) => !ours.includes(n)))],
      attributes: [...new Set(all.flatMap((e) => e.getAttributeNames()))].filter((n) => n.startsWith("on") || n === "src" || n === "style"),
      links: all.map((e) => e.getAttribute("href")).filter((h) => h !== null && !h.startsWith("#")),
      // What changed is marked word by word, by us.
      inside: [...document.querySelectorAll(".text *, bdi *, q *")].filter((e) => !e.matches(".change .text > ins, .change .text > del")).map((e) => e.outerHTML.slice(0, 80)),
      scripts: document.scripts.length,
      owned: "owned" in globalThis,
    };
  }, OURS);
  same("answers made nothing but text", found, { elements: [], attributes: [], links: [], inside: [], scripts: 1, owned: false });
  const text = await page.evaluate(() => document.body.textContent);
  check("no hidden character is left", !/[\u001b\u200b\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u.test(text));
  const lost = payloads.filter((p) => !text.includes(p));
  same(`${payloads.length} hostile texts are shown as they are`, lost, []);
}

const shown = (page) => page.evaluate(() => [...document.querySelectorAll("details.case")].filter((e) => !e.hidden).map((e) => ({ ...e.dataset })));
const focused = (page) => page.evaluate(() => document.activeElement.closest("details.case")?.dataset.seq ?? document.activeElement.id);
const isOpen = (page, seq) => page.evaluate((s) => document.getElementById(`case-${s}`).open, seq);

async function keyboard(page) {
  const [first, second] = (await shown(page)).map((d) => d.seq);
  await page.keyboard.press("j");
  same("j goes to the first case", await focused(page), first);
  await page.keyboard.press("j");
  same("j goes on to the second", await focused(page), second);
  await page.keyboard.press("k");
  same("k goes back", await focused(page), first);
  await page.keyboard.press("Enter");
  same("Enter opens a case", await isOpen(page, first), true);
  await page.keyboard.press("Enter");
  same("Enter closes it", await isOpen(page, first), false);
  await page.keyboard.press("/");
  same("/ goes to the search field", [await focused(page), await page.inputValue("#f-text")], ["f-text", ""]);
  await page.keyboard.type("jk/?");
  same("letters are letters in the search field", [await page.inputValue("#f-text"), await focused(page)], ["jk/?", "f-text"]);
  await page.fill("#f-text", "");
  await page.keyboard.press("Escape");
  check("Escape leaves the search field", (await focused(page)) !== "f-text");
  await page.keyboard.press("?");
  check("? lists the keys", await page.isVisible("#keys"));
  await page.uncheck("#keys-on");
  await page.keyboard.press("Escape");
  check("Escape closes the list", !(await page.isVisible("#keys")));
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  check("shortcuts can be switched off", (await focused(page)) === "");
  await page.click("#keys-open");
  await page.check("#keys-on");
  await page.keyboard.press("Escape");
}

async function filters(page) {
  const all = await shown(page);
  const counted = () => page.textContent("#shown");
  same("all cases are there at first", await counted(), `${all.length} cases`);
  for (const state of new Set(all.map((d) => d.state))) {
    const want = all.filter((d) => d.state === state).length;
    await page.check(`input[name=state][value=${state}]`, { force: true });
    const got = await shown(page);
    check(`verdict ${state} shows its ${want}`, got.length === want && got.every((d) => d.state === state));
  }
  await page.click(".chip:first-of-type");
  for (const [id, fits] of [
    ["f-agent", (d, v) => d.agent === v],
    ["f-tag", (d, v) => d.tags.includes(` ${v} `)],
    ["f-trigger", (d, v) => d.triggers.includes(` ${v} `)],
  ]) {
    const values = await page.evaluate((i) => [...(document.getElementById(i)?.options ?? [])].map((o) => o.value).filter(Boolean), id);
    for (const v of values) {
      await page.selectOption(`#${id}`, v);
      const want = all.filter((d) => fits(d, v)).length;
      const got = await shown(page);
      check(`${id} ${v} shows its ${want}`, want > 0 && got.length === want && got.every((d) => fits(d, v)));
    }
    if (values.length > 0) await page.selectOption(`#${id}`, "");
  }
  const settled = (want) => page.waitForFunction((n) => [...document.querySelectorAll("details.case")].filter((e) => !e.hidden).length === n, want);
  const id = await page.evaluate(() => document.querySelector("details.case .id bdi").textContent);
  const want = await page.evaluate((w) => [...document.querySelectorAll("details.case")].filter((e) => e.textContent.toLowerCase().includes(w)).length, id.toLowerCase());
  await page.fill("#f-text", id.toUpperCase());
  await settled(want);
  check("the search field finds a case, whatever its letters' case", want > 0 && want < all.length);
  await page.fill("#f-text", "no case holds these words");
  await settled(0);
  check("nothing found says so", await page.isVisible("#none"));
  await page.click("#clear");
  await settled(all.length);
  check("one click clears the filters", !(await page.isVisible("#none")) && (await focused(page)) === "f-text");
  const orders = {
    seq: (d) => Number(d.seq),
    priority: (d) => -Number(d.priority),
    score: (d) => (d.score === "" ? 9 : Number(d.score)),
    latency: (d) => -Number(d.latency),
    rank: (d) => Number(d.rank),
  };
  for (const [order, key] of Object.entries(orders)) {
    await page.selectOption("#f-sort", order);
    const keys = (await shown(page)).map(key);
    const distinct = new Set(keys).size;
    check(`order ${order} sorts`, distinct > 1 && keys.every((k, i) => i === 0 || keys[i - 1] <= k), keys.join(" "));
  }
}

/** The pointer and the focus go over what strangers wrote. */
async function touched(page) {
  await openAll(page);
  for (const text of (await page.$$(".case .answer .text, .case .notices li")).slice(0, 24)) await text.hover({ force: true });
  for (let i = 0; i < 40; i += 1) await page.keyboard.press("Tab");
}

async function withoutScript(page) {
  const cases = await page.$$("details.case");
  check("cases are there", cases.length > 0);
  check("filters that would not work are not shown", !(await page.isVisible("#filters")));
  const first = cases[0];
  check("a case is closed at first", !(await (await first.$(".body")).isVisible()));
  await (await first.$("summary")).click();
  const texts = [];
  for (const t of await first.$$(".body > .answer, .pair .text")) texts.push((await t.isVisible()) && (await t.innerText()).trim() !== "");
  check("a click opens it, with question and answer", texts.length > 1 && texts.every(Boolean));
}

/** Proves that the checks above could fail: the policy is there and bites. */
async function policy(page) {
  const blocked = await page.evaluate(async () => {
    const put = (name, set) => document.body.append(Object.assign(document.createElement(name), set));
    put("script", { textContent: "globalThis.owned = 1" });
    put("img", { src: "https://example.invalid/p.png" });
    put("style", { textContent: "body { display: none }" });
    await fetch("https://example.invalid/").catch(() => {});
    await new Promise((done) => setTimeout(done, 50));
    return { owned: "owned" in globalThis, blocked: globalThis.violations.map((v) => v.split(" ")[0]).sort() };
  });
  same("the policy blocks script, image, style and connection", blocked, { owned: false, blocked: ["connect-src", "img-src", "script-src-elem", "style-src-elem"] });
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: `--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync`.split(" "),
});
try {
  for (const [name, options] of Object.entries(VIEWS)) {
    view = name;
    const { context, page, noise } = await open(browser, options);
    if (options.javaScriptEnabled === false) {
      await withoutScript(page);
      same("no sideways scrolling", await tooWide(page), []);
    } else {
      if (name === "1280 light") {
        await keyboard(page);
        await filters(page);
        await touched(page);
      }
      await looks(page);
    }
    await inert(page);
    await quiet(page, noise);
    await context.close();
  }
  view = "a link to a case";
  const linked = await open(browser, { viewport: DESKTOP }, "#case-1");
  same("opens it and puts the focus there", [await isOpen(linked.page, 1), await focused(linked.page)], [true, "1"]);
  await quiet(linked.page, linked.noise);
  view = "security policy";
  await policy(linked.page);
} finally {
  await browser.close();
}
console.log(failed === 0 ? "all fine" : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
