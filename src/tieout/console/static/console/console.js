/* The little that pages do in the browser: times in the viewer's zone, dialogs, menus, picking rows.
   Nothing here decides anything: without an answer of the server nothing changes. */
(function () {
  "use strict";

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const format = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  function localise(root) {
    root.querySelectorAll("time[datetime]:not([title])").forEach(function (time) {
      time.title = time.textContent;
      const parts = format.format(new Date(time.dateTime)).split(", ");
      time.textContent = parts[0].replace(/ /g, "\u00a0") + ", " + parts[1];
    });
  }

  function place(menu) {
    const sheet = menu.querySelector(".sheet.choices");
    if (!sheet || !menu.open) return;
    const spot = menu.getBoundingClientRect();
    const below = spot.bottom + 6;
    sheet.style.left = Math.max(8, Math.min(spot.left, window.innerWidth - sheet.offsetWidth - 8)) + "px";
    sheet.style.top = (below + sheet.offsetHeight > window.innerHeight ? spot.top - sheet.offsetHeight - 6 : below) + "px";
  }
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    });
  }
  document.addEventListener("toggle", function (event) {
    if (event.target.matches && event.target.matches("details.menu") && event.target.open) {
      closeMenus(event.target);
      place(event.target);
    }
  }, true);
  document.addEventListener("click", function (event) {
    closeMenus(event.target);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog")) event.target.close();
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("scroll", function () {
    document.querySelectorAll("details.badge-menu[open]").forEach(function (menu) { menu.open = false; });
  }, true);
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* filters apply as soon as a list or a date was chosen; a day that is typed, once it is typed to its end: a browser
     tells of a change with every digit of a year */
  const dates = "[data-at-once] input[type=date]";
  document.addEventListener("change", function (event) {
    const form = event.target.form;
    if (form && form.matches("[data-at-once]") && event.target.matches("select, input[type=date]")) {
      if (event.target.name === "period" && event.target.value === "custom") {
        form.querySelectorAll("[data-custom]").forEach(function (field) { field.hidden = false; });
        return;
      }
      if (!event.target.dataset.typed) form.requestSubmit();
    }
  });
  document.addEventListener("keydown", function (event) {
    if (!event.target.matches || !event.target.matches(dates) || event.key === "Tab") return;
    if (event.key === "Enter") {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else event.target.dataset.typed = "yes";
  });
  document.addEventListener("focusout", function (event) {
    const form = event.target.form, next = event.relatedTarget;
    if (!form || !form.matches("[data-at-once]") || (next && next.form === form) || !document.hasFocus()) return;
    const typed = Array.from(form.querySelectorAll("input[data-typed]"));
    if (typed.some(function (input) { return input.value !== input.defaultValue; })) form.requestSubmit();
  });

  /* unfold's own listener looks for a text field beside each file field, and here there is none */
  document.addEventListener("change", function (event) {
    if (event.target.matches("input[type=file]")) event.stopImmediatePropagation();
  }, true);

  /* picking rows */
  function picked() {
    const bar = document.getElementById("bulk");
    if (!bar) return;
    const boxes = Array.from(document.querySelectorAll("input[name=entry][form=bulk]"));
    const count = boxes.filter(function (box) { return box.checked; }).length;
    const all = document.getElementById("pick-all");
    const everything = bar.querySelector("input[name=all]");
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    if (!all.checked && everything) everything.checked = false;
    bar.hidden = count === 0;
    const many = everything && everything.checked;
    bar.querySelector("[data-say]").textContent = many ? bar.dataset.all + " selected" : count + (count === 1 ? " entry selected" : " entries selected");
    const offer = bar.querySelector("[data-offer]");
    if (offer) offer.hidden = !all.checked;
  }
  document.addEventListener("change", function (event) {
    if (event.target.id === "pick-all") {
      document.querySelectorAll("input[name=entry][form=bulk]").forEach(function (box) { box.checked = event.target.checked; });
    }
    if (event.target.matches("#pick-all, input[name=entry], #bulk input[name=all]")) picked();
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-clear]")) return;
    document.querySelectorAll("input[name=entry][form=bulk]").forEach(function (box) { box.checked = false; });
    picked();
  });

  /* htmx: dialogs open when they are filled; the sign keeps open while it refreshes; a lost session goes to sign in */
  let signWasOpen = false;
  document.addEventListener("htmx:beforeSwap", function (event) {
    const xhr = event.detail.xhr;
    if (xhr && xhr.responseURL && new URL(xhr.responseURL).pathname === "/sign-in/") {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
    const sign = document.querySelector("#xero-sign details");
    if (sign) signWasOpen = sign.open;
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    localise(document);
    const dialog = event.detail.target.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    closeMenus(document.querySelector("#xero-sign details"));
    if (event.detail.target.id === "xero-sign" && signWasOpen) document.querySelector("#xero-sign details").open = true;
    picked();
  });
  function trouble() {
    const note = document.getElementById("trouble");
    if (!note) return;
    const dialog = document.querySelector("dialog[open] .dialog-in");
    const shown = dialog ? dialog.querySelector("[data-trouble]") || note.cloneNode(true) : note;
    if (dialog) {  // what lies behind an open dialog is not seen
      shown.removeAttribute("id");
      shown.dataset.trouble = "";
      dialog.prepend(shown);
    }
    shown.hidden = false;
    shown.scrollIntoView({ block: "center" });
  }
  document.addEventListener("htmx:responseError", trouble);
  document.addEventListener("htmx:sendError", trouble);

  document.addEventListener("DOMContentLoaded", function () {
    localise(document);
    picked();
    document.querySelectorAll("[data-zone]").forEach(function (spot) { spot.textContent = "Times in " + zone; });
  });
})();
