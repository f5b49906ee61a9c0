// Comfort only: a form marked data-autosave is sent while it is written, as its button sends it, with the same version;
// what became of it is said in words that the page holds. Where somebody else has saved meanwhile, what one of both
// changed alone is put together here; what both changed is shown, and waits for the button.
(function () {
  "use strict";

  var AFTER = 2000; // milliseconds without a key
  var APART = 60000; // from one sending to the next: each is a version of the record

  function ticked(field) {
    return field.type === "checkbox" || field.type === "radio";
  }

  function key(field) {
    return ticked(field) ? field.name + "=" + field.value : field.name;
  }

  function written(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && ["hidden", "file", "submit"].indexOf(one.type) < 0;
    });
  }

  function values(form) {
    var found = {};
    written(form).forEach(function (one) {
      found[key(one)] = ticked(one) ? String(one.checked) : one.value.trim();
    });
    return found;
  }

  function label(field) {
    var words = field.labels && field.labels[0];
    return words ? words.textContent.trim() : field.name;
  }

  // A value as the page shows it: a tick, the words of an option, what was typed.
  function shown(field, value) {
    if (ticked(field)) {
      return value === "true" ? "✓" : "–";
    }
    var option = Array.prototype.find.call(field.options || [], function (one) {
      return one.value === value;
    });
    return option ? option.text : value;
  }

  document.querySelectorAll("form[data-autosave]").forEach(function (form) {
    var told = form.querySelector("[data-told]");
    // What was sent and refused is not kept: of such a page nothing is known to be.
    var kept = form.dataset.autosave === "refused" ? {} : values(form);
    var timer = 0;
    var last = 0;
    var sending = null;
    var refused = ""; // what was sent and not taken: it is not sent again as it stands
    var waits = false; // for the button: both have changed the same
    var leaving = false;

    function say(words) {
      told.hidden = false;
      told.textContent = words;
    }

    function differs() {
      var present = values(form);
      return Object.keys(present).some(function (name) {
        return present[name] !== kept[name];
      });
    }

    function chosen() {
      return Array.prototype.some.call(form.querySelectorAll("input[type=file]"), function (one) {
        return one.files.length > 0;
      });
    }

    function carry(version) {
      var held = form.elements.version;
      if (!held) {
        held = document.createElement("input");
        held.type = "hidden";
        held.name = "version";
        form.append(held);
      }
      held.value = version;
    }

    // Fetched anew, compared with what was kept last: theirs, mine, or both.
    function meet() {
      return window.fetch(form.action, { credentials: "same-origin" }).then(function (answer) {
        return answer.text();
      }).then(function (text) {
        var other = new DOMParser().parseFromString(text, "text/html").querySelector("form[data-autosave]");
        if (!other) {
          say(told.dataset.refused);
          return;
        }
        var mine = values(form);
        var theirs = values(other);
        var came = [];
        var both = [];
        form.querySelectorAll("fieldset.group[id]").forEach(function (rows) {
          var fresh = other.querySelector("#" + rows.id);
          var begins = rows.id.slice(3) + "-";
          if (!fresh || !differ(begins, theirs, mine) || !differ(begins, theirs, kept)) {
            return;
          }
          if (differ(begins, mine, kept)) { // both have changed a table: mine stays, theirs is shown
            if (fresh.querySelectorAll(".row").length !== rows.querySelectorAll(".row").length) {
              both.push(rows.querySelector("legend").textContent);
              beside(rows, values_in(theirs, begins));
            }
            return;
          }
          rows.replaceWith(fresh);
          came.push(fresh.querySelector("legend").textContent);
        });
        mine = Object.assign(mine, values(form));
        written(form).forEach(function (one) {
          var name = key(one);
          if (one.type === "select-one") { // they may have brought what can be chosen: a new file
            offer(one, other.elements[one.name]);
          }
          if (!(name in theirs) || theirs[name] === kept[name] || theirs[name] === mine[name]) {
            return;
          }
          if (mine[name] !== kept[name]) {
            both.push(label(one));
            beside(one, theirs[name]);
          } else if (ticked(one)) {
            one.checked = theirs[name] === "true";
            came.push(label(one));
          } else {
            one.value = theirs[name];
            came.push(label(one));
          }
        });
        kept = theirs;
        carry(other.elements.version.value);
        waits = both.length > 0;
        say((waits ? told.dataset.both : told.dataset.met) + " " + (waits ? both : came).join(" · "));
        last = 0;
      });
    }

    function offer(field, fresh) {
      var value = field.value;
      if (fresh && fresh.options && fresh.options.length > field.options.length) {
        field.replaceChildren.apply(field, Array.from(fresh.options));
        field.value = value;
        field.hidden = fresh.hidden;
      }
    }

    // Whether rows of a table, of which a row that was added or removed has more or fewer fields, are not the same.
    function differ(begins, one, other) {
      return Object.keys(Object.assign({}, one, other)).some(function (name) {
        return name.indexOf(begins) === 0 && one[name] !== other[name];
      });
    }

    function values_in(found, begins) {
      return Object.keys(found).filter(function (name) {
        return name.indexOf(begins) === 0;
      }).map(function (name) {
        return found[name];
      }).join(" · ");
    }

    function beside(field, value) {
      var line = document.createElement("p");
      line.className = "hint";
      line.textContent = told.dataset.theirs + " " + shown(field, value);
      (field.closest("label") || field).after(line);
    }

    function send() {
      window.clearTimeout(timer);
      var sent = values(form);
      if (sending || waits || leaving || !differs() || JSON.stringify(sent) === refused) {
        return;
      }
      var body = new FormData(form);
      form.querySelectorAll("input[type=file]").forEach(function (one) {
        body.delete(one.name); // files travel with the button
      });
      body.set("autosave", "yes");
      last = Date.now();
      sending = window.fetch(form.action, { method: "POST", body: body, credentials: "same-origin" }).then(function (answer) {
        if ((answer.headers.get("Content-Type") || "").indexOf("application/json") !== 0) {
          say(told.dataset.refused); // signed out, or nothing can be written any more
          return null;
        }
        return answer.json().then(function (words) {
          if (answer.status === 409) {
            return meet();
          }
          if (answer.ok) {
            kept = sent;
            carry(words.version);
            form.action = words.action;
            window.history.replaceState(null, "", words.action);
          } else {
            last = 0; // no version came of it: what is put right is sent at once
            refused = JSON.stringify(sent);
          }
          say(words.told);
          return null;
        });
      }).catch(function () {
        say(told.dataset.lost);
      }).then(function () {
        sending = null;
        later();
      });
    }

    function later() {
      window.clearTimeout(timer);
      if (!waits && !leaving && differs()) {
        timer = window.setTimeout(send, Math.max(AFTER, last + APART - Date.now()));
      }
    }

    say(told.dataset.start);
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    document.addEventListener("visibilitychange", function () {
      if (document.hidden) {
        send();
      }
    });
    form.addEventListener("submit", function (event) {
      if (sending) { // its answer brings the version with which the button goes
        event.preventDefault();
        event.stopPropagation();
        sending.then(function () {
          if (!waits) {
            form.requestSubmit(event.submitter || undefined);
          }
        });
        return;
      }
      leaving = true;
      window.clearTimeout(timer);
    });
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) {
        leaving = false;
        later();
      }
    });
    window.addEventListener("beforeunload", function (event) {
      if (!leaving && (differs() || chosen())) {
        event.preventDefault();
      }
    });
  });
})();
