// Looks whether the case on this page has moved on, and shows it anew. The page works without this file.
const live = document.getElementById("live");
const EVERY = 2000;

/** Where the page marked no option, a list that takes one shows its first: nobody chose that. */
function chosenAnew(list) {
  const options = [...list.options];
  if (list.multiple) return options.some((one) => one.selected !== one.defaultSelected);
  return list.selectedIndex !== Math.max(0, options.findIndex((one) => one.defaultSelected));
}

/** True while somebody is typing: their words are worth more than a fresh page. */
function busy() {
  const changed = [...document.querySelectorAll("#live input, #live textarea, #live select")].some((one) =>
    one.type === "checkbox" ? one.checked !== one.defaultChecked
    : one.tagName === "SELECT" ? chosenAnew(one)
    : one.type !== "hidden" && one.value !== one.defaultValue);
  const field = document.activeElement;
  return changed || (field && live.contains(field) && /^(INPUT|TEXTAREA|SELECT)$/.test(field.tagName));
}

/** What was said of the last press was said of the case as it was then. */
function dismiss() {
  document.getElementById("said")?.remove();
  const address = new URL(location.href);
  address.searchParams.delete("said");
  history.replaceState(history.state, "", address);
}

async function show() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  if (!fresh) return;
  const open = new Set([...live.querySelectorAll("details")].flatMap((one, at) => (one.open ? [at] : [])));
  const same = live.querySelectorAll("details").length === fresh.querySelectorAll("details").length;
  live.replaceChildren(...fresh.childNodes);
  live.dataset.version = fresh.dataset.version;
  if (same) live.querySelectorAll("details").forEach((one, at) => { one.open = open.has(at); });
}

async function look() {
  try {
    if (document.visibilityState === "visible") {
      const answer = await fetch(live.dataset.address);
      const { version } = answer.ok ? await answer.json() : { version: Number(live.dataset.version) };
      if (String(version) !== live.dataset.version) {
        dismiss();
        if (busy()) document.getElementById("moved").hidden = false;
        else await show();
      }
    }
  } catch {
    // The server is away for a moment; the next look will tell.
  }
  setTimeout(look, EVERY);
}

if (live) setTimeout(look, EVERY);
