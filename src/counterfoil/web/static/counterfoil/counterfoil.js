// What pages do in the browser beyond links and forms. Everything works without it, more slowly.
// Elements say what they want in data- attributes; listeners sit on the document, so content that htmx
// brings in later behaves like the rest. What a script says stands in data- attributes too, in the person's language.
(() => {
  "use strict";

  const find = (selector, within = document) => within.querySelector(selector);
  const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- Theme, menus, dialogs

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.choosesTheme) {
      window.counterfoilTheme.choose(button.dataset.choosesTheme);
      findAll("[data-chooses-theme]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      event.stopPropagation();
    }
    if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
    if ("togglesSide" in button.dataset) showSide(button.getAttribute("aria-expanded") !== "true");
  });

  function showSide(isShown) {
    document.body.classList.toggle("side-shown", isShown);
    find("[data-toggles-side]")?.setAttribute("aria-expanded", String(isShown));
  }

  document.addEventListener("click", (event) => {
    if (document.body.classList.contains("side-shown") && !event.target.closest(".side, [data-toggles-side]")) showSide(false);
    findAll("details.pop[open]").forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; });
    if (!event.target.closest(".top-search")) closeFound();
  });

  document.addEventListener("change", (event) => {
    if ("submits" in event.target.dataset) event.target.form.requestSubmit();
  });

  // --- Search everything

  const searchBox = () => document.getElementById("search-everything");
  const foundLinks = () => findAll("#found a");

  function closeFound() {
    const found = document.getElementById("found");
    if (found) found.replaceChildren();
  }

  function moveAmongFound(event) {
    const links = foundLinks();
    if (!links.length || !event.target.closest(".top-search")) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = links.indexOf(document.activeElement) + steps[event.key];
    (links[next] || searchBox()).focus();
  }

  // --- Keyboard

  const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  let goPressedAt = -Infinity;

  document.addEventListener("keydown", (event) => {
    moveAmongFound(event);
    if (event.key === "Escape") return closeOpen(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]")) return;
    if (event.timeStamp - goPressedAt < 1500) {
      goPressedAt = -Infinity;
      const link = find(`.map a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(event); }
  });

  const keys = {
    "/": () => { searchBox()?.focus(); searchBox()?.select(); },
    "?": () => document.getElementById("keys")?.showModal(),
    g: (event) => { goPressedAt = event.timeStamp; },
    f: () => find(".filters input:not([type=hidden]), .filters select")?.focus(),
    v: () => { const pop = find(".list-tools details.pop"); if (pop) { pop.open = true; find("summary", pop).focus(); } },
    n: () => document.getElementById("page-next")?.click(),
    p: () => document.getElementById("page-previous")?.click(),
    j: () => moveToRow(1),
    k: () => moveToRow(-1),
    x: () => { const row = currentRow(); if (row) find("[data-tick]", row)?.click(); },
  };

  function closeOpen(event) {
    closeFound();
    showSide(false);
    if (event.target.closest) find("[data-cancels]", event.target.closest("tr[data-editing]") || document.createElement("tr"))?.click();
    findAll("details.pop[open]").forEach((pop) => { pop.open = false; find("summary", pop).focus(); });
    if (event.target === searchBox() || event.target.closest?.(".filters")) event.target.blur();
  }

  const currentRow = () => document.activeElement.closest?.("[data-row]");

  function moveToRow(step) {
    const rows = findAll("[data-row]");
    const at = rows.indexOf(currentRow());
    const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (!row) return;
    (find("a", row) || find("input", row))?.focus();
    row.scrollIntoView({ block: "nearest" });
  }

  // --- Ticking rows

  const bulkForm = () => document.getElementById("bulk");
  let lastTicked = null;
  let asking = null;

  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-tick]");
    if (box) {
      if (event.shiftKey && lastTicked?.isConnected) tickBetween(lastTicked, box);
      lastTicked = box;
    }
    if (event.target.closest("[data-bulk-none]")) tickAll(false);
    if (event.target.closest("[data-bulk-everything]")) tickEverything();
  });

  document.addEventListener("change", (event) => {
    if ("ticksPage" in event.target.dataset) tickAll(event.target.checked);
    else if ("tick" in event.target.dataset) {
      bulkForm().elements.everything.value = "";
      showTicked();
    }
  });

  function tickBetween(one, other) {
    const boxes = findAll("[data-tick]");
    const [first, last] = [boxes.indexOf(one), boxes.indexOf(other)].sort((a, b) => a - b);
    boxes.slice(first, last + 1).forEach((box) => { box.checked = other.checked; });
  }

  function tickAll(isTicked) {
    findAll("[data-tick]").forEach((box) => { box.checked = isTicked; });
    bulkForm().elements.everything.value = "";
    showTicked();
  }

  function tickEverything() {
    findAll("[data-tick]").forEach((box) => { box.checked = true; });
    bulkForm().elements.everything.value = "1";
    showTicked();
  }

  function showTicked() {
    const boxes = findAll("[data-tick]");
    const ticked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("ticked", box.checked));
    const whole = find("[data-ticks-page]");
    whole.checked = ticked.length === boxes.length;
    whole.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    const form = bulkForm();
    form.hidden = ticked.length === 0;
    const offer = find("[data-bulk-everything]", form);
    if (offer) offer.hidden = form.elements.everything.value === "1";
    if (ticked.length) saySelected(form);
  }

  function saySelected(form) {
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const words = find("[data-bulk-words]", form);
      const answer = await fetch(form.dataset.sums, { method: "POST", body: new FormData(form) }).catch(() => null);
      words.textContent = answer?.ok ? await answer.text() : form.dataset.unanswered;
    }, 120);
  }

  // --- Forms: nothing typed is lost, nothing is sent twice

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keeps-typed]");
    if (form) form.dataset.typed = "yes";
  });

  // A sheet is typed downwards: Enter and the arrows go to the same field of another row.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-goes-down]");
    if (!form || !("down" in event.target.dataset)) return;
    const step = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey) ? -1 : ["ArrowDown", "Enter"].includes(event.key) ? 1 : 0;
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const fields = findAll("[data-down]", form);
    const next = fields[fields.indexOf(event.target) + step] || (step > 0 && find("[type=submit]", form));
    if (!next) return;
    next.focus();
    next.select?.();
  });

  // Filters and pages replace a list; what is typed in it is not thrown away unasked.
  document.addEventListener("htmx:confirm", (event) => {
    const isTyped = find("form[data-typed]:not([data-sent])", event.detail.target);
    if (isTyped && !confirm(document.body.dataset.saysTyped)) event.preventDefault();
  });

  addEventListener("beforeunload", (event) => {
    if (find("form[data-typed]:not([data-sent])")) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("busy" in form.dataset)) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.classList.add("btn-loading");
    event.submitter?.setAttribute("aria-busy", "true");
  });

  // A page kept by the browser and shown again by "back" must be usable again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    findAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    findAll(".btn-loading").forEach((button) => button.classList.remove("btn-loading"));
  });

  // --- The panel beside a page: it opens when something was brought into it

  document.addEventListener("htmx:afterSwap", (event) => {
    const panel = event.target.id === "why-body" ? event.target.closest("dialog") : null;
    if (panel && !panel.open) panel.showModal();
  });

  // --- Tables wider than their place: the keyboard scrolls them, and a person who hears the page is told

  // Heads of columns stay in sight only where nothing scrolls sideways, so a table scrolls only when it is wider.
  function reachScrollable() {
    for (const wrap of findAll(".table-wrap")) {
      wrap.classList.remove("is-wide");
      wrap.classList.toggle("is-wide", wrap.scrollWidth > wrap.clientWidth);
      const isLarger = wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight;
      const isWide = isLarger && getComputedStyle(wrap).overflowX !== "visible";
      const caption = find("caption", wrap)?.textContent.trim();
      if (isWide) {
        wrap.tabIndex = 0;
        wrap.setAttribute("role", "region");
        wrap.setAttribute("aria-label", caption || document.body.dataset.saysTable);
      } else if (wrap.getAttribute("role") === "region") {
        for (const name of ["tabindex", "role", "aria-label"]) wrap.removeAttribute(name);
      }
    }
  }

  for (const event of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(event, reachScrollable);
  addEventListener("resize", reachScrollable);
  document.fonts.ready.then(reachScrollable);
  document.addEventListener("toggle", reachScrollable, true);

  // --- htmx

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("form[data-drops-empty]")) return;
    // Sorting and sizing replace the list alone, so the address knows them and the form may not.
    const there = new URLSearchParams(window.location.search);
    for (const name of ["sort", "size"]) if (there.has(name)) event.detail.formData.set(name, there.get(name));
    for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
  });

  // What is typed while a form is asked for anew stays typed in the one that comes.
  let typedMeanwhile = [];
  document.addEventListener("input", (event) => { event.target.typedAt = event.timeStamp; });
  document.addEventListener("htmx:beforeRequest", (event) => { event.detail.requestConfig.askedAt = event.timeStamp; });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const isLater = (field) => field.typedAt > event.detail.requestConfig.askedAt;
    typedMeanwhile = findAll("input, textarea", event.detail.target).filter(isLater).map(({ name, value }) => [name, value]);
  });

  document.addEventListener("htmx:afterSwap", () => {
    for (const [name, value] of typedMeanwhile) {
      const field = find(`main [name="${CSS.escape(name)}"]`);
      if (field) field.value = value;
    }
    typedMeanwhile = [];
  });

  function sayFailed(words) {
    const note = document.createElement("div");
    note.className = "note note-error";
    note.textContent = words;
    const messages = document.getElementById("messages");
    if (messages && messages.textContent !== words) messages.replaceChildren(note);
  }

  document.addEventListener("htmx:sendError", () => sayFailed(document.body.dataset.saysUnreachable));
  document.addEventListener("htmx:responseError", () => sayFailed(document.body.dataset.saysUnanswered));

  document.addEventListener("DOMContentLoaded", () => {
    find("[data-focus]")?.focus();
    const [side, here] = [document.getElementById("side"), find(".map [aria-current]")];
    if (here && here.offsetTop > side.clientHeight - 60) side.scrollTop = here.offsetTop - side.clientHeight / 2;
  });
})();
