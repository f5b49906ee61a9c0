// Comfort only: every page works without this file. No library, no inline code.
(function () {
  "use strict";

  // A form is sent once: its button goes quiet after the first press. The button is marked after the browser
  // has collected the fields, so its own name and value still travel.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    if (form.method !== "post") {
      return;
    }
    if (form.dataset.again !== undefined) {
      return; // it brings a file, and the page stays
    }
    form.dataset.sent = "yes";
    window.setTimeout(function () {
      form.querySelectorAll("button").forEach(function (button) {
        button.setAttribute("aria-disabled", "true");
      });
    }, 0);
  });

  // Coming back by the browser's history finds the buttons usable again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach(function (button) {
        button.removeAttribute("aria-disabled");
      });
    });
  });

  // A choice marked data-autosubmit is applied at once; its button is then not needed.
  document.querySelectorAll("select[data-autosubmit]").forEach(function (choice) {
    var button = choice.form.querySelector("button[data-apply]");
    if (button) {
      button.hidden = true;
    }
    choice.addEventListener("change", function () {
      choice.form.requestSubmit(button || undefined);
    });
  });

  // What is asked with one reason alone stands there, and is sent, with that reason.
  document.querySelectorAll("fieldset[data-when]").forEach(function (part) {
    var choice = part.form.elements.reason;
    function show() {
      part.disabled = part.hidden = choice.value !== part.dataset.when;
    }
    choice.addEventListener("change", show);
    show();
  });

  // What is asked of some alone, data-only-if="name=answer", stands there while another field has that answer, and is
  // asked itself.
  document.querySelectorAll("fieldset[data-only-if], form [data-only-if]").forEach(function (one) {
    var part = one.closest(".field, fieldset.group");
    var form = one.closest("form");
    var name = one.dataset.onlyIf.split("=")[0];
    var answer = one.dataset.onlyIf.slice(name.length + 1);
    function show() {
      part.hidden = !Array.prototype.some.call(form.elements, function (other) {
        var said = ["checkbox", "radio"].indexOf(other.type) < 0 || other.checked;
        return other.name === name && said && other.value === answer && !other.closest("[hidden]");
      });
    }
    form.addEventListener("change", show);
    show();
  });

  // "Copy link" appears only where copying works.
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) {
      return;
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(new URL(button.dataset.copy, window.location.href).href).then(function () {
        button.textContent = button.dataset.copied;
      });
    });
  });

  // A block marked data-live is fetched again every so many milliseconds until it comes without the mark.
  function live(block) {
    window.setTimeout(function () {
      window.fetch(window.location.href, { credentials: "same-origin" }).then(function (answer) {
        return answer.ok ? answer.text() : "";
      }).then(function (text) {
        var found = new DOMParser().parseFromString(text, "text/html");
        var fresh = block.id ? found.getElementById(block.id) : found.querySelector("main > section.block");
        if (fresh) {
          block.replaceWith(fresh);
          block = fresh;
        }
      }).catch(function () {}).then(function () {
        if (block.dataset.live) {
          live(block);
        }
      });
    }, Number(block.dataset.live));
  }
  document.querySelectorAll("[data-live]").forEach(live);

  // One open menu at a time; Escape closes it and gives the focus back.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") {
      return;
    }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
})();
