"""A passkey in software: what a browser and a phone would answer, for tests of what the server checks."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData


def websafe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class SoftwareKey:
    """Answers what a site asks; each answer counts up by `step`."""

    origin: str = "http://testserver"
    host: str = "testserver"
    counter: int = 0
    step: int = 1
    verified: bool = True
    handle: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    bearer: bytes = b""
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _flags(self) -> int:
        return 0x01 | (0x04 if self.verified else 0)

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to being asked for a new passkey."""
        self.bearer = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.handle, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            hashlib.sha256(self.host.encode()).digest(), self._flags() | 0x40, self.counter, credential
        )
        client = self._client("webauthn.create", asked["challenge"])
        made = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": client, "attestationObject": bytes(made)})

    def prove(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to being asked for a proof."""
        self.counter += self.step
        data = hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", self._flags(), self.counter)
        client = self._client("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signed, "userHandle": self.bearer}
        )

    def _answer(self, parts: dict[str, bytes]) -> dict[str, Any]:
        name = websafe(self.handle)
        response = {key: websafe(value) for key, value in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
