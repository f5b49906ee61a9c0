"""What is sealed is read with its key alone; an opening code opens with both halves, however they are typed."""

import pytest

from kezhuan.engines import sealing
from kezhuan.engines.sealing import Unreadable


def test_both_halves_of_a_code_open_what_was_sealed_under_its_public_half_and_nothing_else_does():
    code, other, key = sealing.new_code(), sealing.new_code(), sealing.new_key()
    wrapped = sealing.wrap(sealing.public_half(code), key)
    sloppy = tuple(half.lower().replace("-", " ") for half in code)
    assert sealing.unwrap(code, wrapped) == sealing.unwrap(sloppy, wrapped) == key
    wrong = [other, (code[0], other[1]), (other[0], code[1]), code[::-1]]
    for guess in [*wrong, (code[0], ""), (code[0][:-1], code[1]), ("？", "？")]:
        with pytest.raises(Unreadable):
            sealing.unwrap(guess, wrapped)


def test_what_was_sealed_is_unreadable_with_another_key_and_once_it_was_changed():
    key = sealing.new_key()
    sealed = sealing.seal(key, "申报内容".encode())
    assert sealing.unseal(key, sealed).decode() == "申报内容"
    assert sealing.seal(key, "申报内容".encode()) != sealed
    for other, content in ((sealing.new_key(), sealed), (key, sealed[:-1] + bytes([sealed[-1] ^ 1])), (key, b"")):
        with pytest.raises(Unreadable):
            sealing.unseal(other, content)
