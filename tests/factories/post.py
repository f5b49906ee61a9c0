"""What the program wrote to people, as tests read it before it is sent."""

import re


def letters_to(address: str) -> list[str]:
    """The words of the messages to a mail address or mobile number, oldest first."""
    from kezhuan.kernel.models import Message

    return list(Message.objects.filter(to=address).order_by("pk").values_list("text", flat=True))


def last_code(address: str) -> str:
    """The six digits of the newest code that was written there."""
    return [code for text in letters_to(address) for code in re.findall(r"\b\d{6}\b", text)][-1]
