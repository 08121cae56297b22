// Reviews in a real browser and checks what only a browser can tell.
// node serve.mjs URL SHOTS: the one-time URL that `tribunal serve` printed, and a folder for screenshots.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [, , url, shots] = process.argv;
mkdirSync(shots, { recursive: true });
const base = new URL(url).origin;
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

let failed = 0;
let view = "";
function check(what, fine, detail = "") {
  if (!fine) failed += 1;
  console.log(`${fine ? "ok  " : "FAIL"} ${view}: ${what}${fine || !detail ? "" : ` (${detail})`}`);
}
const same = (what, got, want) => check(what, JSON.stringify(got) === JSON.stringify(want), `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(options, state) {
  const context = await browser.newContext({ ...options, storageState: state });
  const page = await context.newPage();
  const noise = { errors: [], outside: [], dialogs: [] };
  page.on("console", (m) => m.type() === "log" || noise.errors.push(m.text()));
  page.on("pageerror", (e) => noise.errors.push(String(e)));
  page.on("request", (r) => r.url().startsWith(base) || noise.outside.push(r.url()));
  page.on("dialog", (d) => (noise.dialogs.push(d.message()), d.dismiss()));
  return { context, page, noise };
}

async function axe(page, what) {
  // The policy forbids foreign scripts, and that is what axe is: it goes in by the debugger's door.
  await page.evaluate(axeSource);
  const found = await page.evaluate(async (tags) => {
    const r = await globalThis.axe.run(document, { runOnly: tags, preload: false, resultTypes: ["violations"] });
    return r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
  }, WCAG);
  check(`axe finds nothing on ${what}`, found.length === 0, found.join("\n     "));
}

const wide = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 0.5).slice(0, 5).map((e) => `${e.localName}.${e.className}`);
});
const small = (page) => page.evaluate(() =>
  [...document.querySelectorAll("button, .button, .scores label, .chips label, summary")]
    .filter((e) => e.checkVisibility() && (e.getBoundingClientRect().height < 44 || e.getBoundingClientRect().width < 24))
    .map((e) => `${e.localName} ${e.textContent.trim().slice(0, 20)} ${e.getBoundingClientRect().height}`));

async function key(page, ...keys) {
  for (const k of keys) await page.keyboard.press(k);
}

try {
  view = "first look";
  const desk = await open({ viewport: DESKTOP });
  await desk.page.goto(url);
  same("the link leads to the queue and leaves the address", new URL(desk.page.url()).pathname, "/");
  const state = await desk.context.storageState();
  const cookie = state.cookies[0];
  same("the cookie is closed to scripts and other sites", [cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
  await axe(desk.page, "the queue");
  await desk.page.screenshot({ path: `${shots}/queue-1280.png` });

  view = "by keyboard";
  const page = desk.page;
  await key(page, "]");
  await page.waitForURL(/\/items\//);
  for (let n = 0; n < 5; n += 1) {
    const before = page.url();
    const source = await page.content();
    check("no judge is in the page before the decision", !/PLANTED|strict|lenient|too far apart/.test(source));
    await key(page, "4");
    same("a digit chooses and does not submit", [await page.isChecked("input[name=score][value='4']"), page.url()], [true, before]);
    await Promise.all([page.waitForSelector("#h-reveal"), key(page, "Enter")]);
    check("two keys grade, and the other side shows", (await page.textContent(".yours")).includes("You gave 4"));
    check("a judge's reason is text", (await page.textContent(".judges")).includes("PLANTED <b>"));
    if (n === 1) await page.screenshot({ path: `${shots}/reveal-1280.png` });
    if (n === 0) await axe(page, "the other side");
    await Promise.all([page.waitForURL((u) => u.href !== before && u.pathname.startsWith("/items/")), key(page, "Enter")]);
  }
  const here = page.url();
  await key(page, "Escape", "Backspace");
  await key(page, "Enter");
  await page.waitForTimeout(0);
  await page.waitForFunction(() => document.querySelector("#state").textContent !== "saving");
  check("Enter without a choice decides nothing", (await page.$("#h-reveal")) === null);
  await page.goto(here);
  await key(page, "x", "u");
  same("x u says that the rubric is unclear and asks for the text", await page.evaluate(() => [document.querySelector("input[name=ruling]:checked").value, document.activeElement.id]), ["rubric_unclear", "ruling-text"]);
  await page.keyboard.type("say 3 and 4");
  same("letters and digits are letters in a text field", [await page.inputValue("#ruling-text"), await page.$("input[name=score]:checked")], ["say 3 and 4", null]);
  await key(page, "Escape", "y", "2", "c");
  await page.keyboard.type("a note");
  await key(page, "Escape", "3");
  await page.waitForFunction(() => document.querySelector("#state").textContent === "draft kept");
  await page.screenshot({ path: `${shots}/item-more-1280.png` });
  await axe(page, "an item with everything open");
  await page.reload();
  same("a draft survives", await page.evaluate(() => ["score", "chip", "ruling"].map((n) => document.querySelector(`input[name=${n}]:checked`)?.value)), ["3", "minor_gap", "rubric_unclear"]);
  same("and its texts", [await page.inputValue("#note"), await page.inputValue("#ruling-text")], ["a note", "say 3 and 4"]);
  await page.focus("#note");
  await Promise.all([page.waitForSelector("#h-reveal"), key(page, "Control+Enter")]);
  await key(page, "v", "5");
  same("v 5 asks why", await page.evaluate(() => document.activeElement.id), "why");
  await page.keyboard.type("read it again");
  await Promise.all([page.waitForNavigation(), key(page, "Control+Enter")]);
  check("revised", (await page.textContent(".yours")).includes("revised to 5"));
  await Promise.all([page.waitForNavigation(), key(page, "z")]);
  check("z takes something back", (await page.textContent("body")).includes("taken back"));
  await page.goto(`${base}/history`);
  await axe(page, "the history");
  await page.screenshot({ path: `${shots}/history-1280.png` });

  view = "lost connection";
  await page.goto(`${base}/next`);
  await desk.context.setOffline(true);
  await key(page, "2", "Enter");
  await page.waitForFunction(() => document.querySelector("#state").textContent.includes("trying again"));
  await desk.context.setOffline(false);
  await page.waitForSelector("#h-reveal", { timeout: 30_000 });
  check("a submit arrives after the connection came back", (await page.textContent(".yours")).includes("You gave 2"));
  const real = desk.noise.errors.filter((e) => !e.includes("ERR_INTERNET_DISCONNECTED"));
  same("no error, no request to elsewhere, no dialog", [real, desk.noise.outside, desk.noise.dialogs], [[], [], []]);
  check("nothing of an answer ran", !(await page.evaluate(() => "owned" in globalThis)));

  for (const [name, options] of Object.entries({
    "1280-light": { viewport: DESKTOP },
    "1280-dark": { viewport: DESKTOP, colorScheme: "dark" },
    "390-light": { viewport: PHONE, hasTouch: true, isMobile: true },
    "360-dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true },
    "forced": { viewport: DESKTOP, forcedColors: "active" },
  })) {
    view = name;
    const { context, page: p, noise } = await open(options, state);
    for (const path of ["/", "/next", "/history", "/lead", "/settings", "/nowhere"]) {
      await p.goto(base + path);
      await axe(p, path);
      same(`${path} does not scroll sideways`, await wide(p), []);
      if (options.isMobile) same(`${path} has targets of 44 px`, await small(p), []);
      await p.screenshot({ path: `${shots}/${path.slice(1) || "queue"}-${name}.png` });
      if (path === "/next") {
        // Every stop of the tab key is in sight.
        const hidden = [];
        for (let n = 0; n < 25; n += 1) {
          await p.keyboard.press("Tab");
          const bad = await p.evaluate(() => {
            const e = document.activeElement;
            const bar = document.querySelector("#decide");
            if (!e || e === document.body || bar.contains(e) || e.matches(".jump")) return null;
            const [a, b] = [e.getBoundingClientRect(), bar.getBoundingClientRect()];
            return a.top >= b.top ? `${e.localName}#${e.id}` : null;
          });
          if (bad) hidden.push(bad);
        }
        same("focus is never behind the bar", hidden, []);
        await p.click("#more > summary");
        await axe(p, "/next with the reasons open");
        same("/next with the reasons open does not scroll sideways", await wide(p), []);
        await p.screenshot({ path: `${shots}/more-${name}.png` });
      }
    }
    same("quiet", [noise.errors.filter((e) => !e.includes("404")), noise.outside], [[], []]);
    await context.close();
  }

  view = "keys off";
  await page.goto(`${base}/settings`);
  await page.check("input[name=keys][value=off]");
  await Promise.all([page.waitForNavigation(), page.click("form.panel button")]);
  await page.goto(`${base}/next`);
  await key(page, "4");
  same("a digit does nothing", await page.$("input[name=score]:checked"), null);

  view = "no script";
  const bare = await open({ viewport: DESKTOP, javaScriptEnabled: false }, await desk.context.storageState());
  await bare.page.goto(`${base}/next`);
  await bare.page.click(".scores label:nth-of-type(3)");
  await Promise.all([bare.page.waitForNavigation(), bare.page.click("button.go")]);
  check("a form grades", (await bare.page.textContent("body")).includes("You gave 3"));
  await Promise.all([bare.page.waitForNavigation(), bare.page.click("#undo button")]);
  check("a form takes it back", (await bare.page.textContent("body")).includes("taken back"));
  same("quiet", [bare.noise.errors, bare.noise.outside], [[], []]);
} catch (e) {
  failed += 1;
  console.log(`FAIL ${view}: ${e.stack}`);
} finally {
  await browser.close();
}
console.log(failed === 0 ? "all fine" : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
