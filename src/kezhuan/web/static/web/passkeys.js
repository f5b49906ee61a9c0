// Passkeys need a script: a form marked data-passkey asks the browser for a passkey, or for a new one, and is sent with
// the answer. Without a script, or where the browser knows no passkeys, the form stays hidden and other ways are open.
(function () {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) {
    return;
  }

  function bytes(text) {
    var plain = window.atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) {
      return letter.charCodeAt(0);
    });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return window.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // The parts of a question that travel as text and that the browser wants as bytes.
  function asked(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) {
      options.user.id = bytes(options.user.id);
    }
    (options.allowCredentials || []).concat(options.excludeCredentials || []).forEach(function (known) {
      known.id = bytes(known.id);
    });
    return { publicKey: options };
  }

  function answer(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (credential.response[part]) {
        response[part] = text(credential.response[part]);
      }
    });
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response });
  }

  function question(form) {
    var fields = new URLSearchParams();
    fields.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    fields.set("ask", "yes");
    return window.fetch(form.action, { method: "POST", body: fields, credentials: "same-origin" }).then(function (told) {
      if (!told.ok) {
        throw new Error("refused");
      }
      return told.json();
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var problem = form.querySelector("[data-problem]");
    var block = form.closest("[data-passkey-block]");
    (block || form).hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      problem.hidden = true;
      question(form)
        .then(function (options) {
          var make = form.dataset.passkey === "new";
          return make ? navigator.credentials.create(asked(options)) : navigator.credentials.get(asked(options));
        })
        .then(function (credential) {
          form.elements.answer.value = answer(credential);
          form.submit();
        })
        .catch(function () {
          problem.hidden = false;
        });
    });
  });
})();
