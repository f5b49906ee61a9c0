"""The dated rule values that ship with the program, one file a place; read without Django, database or server."""

from importlib.resources import files

from kezhuan.engines.rules import RuleVersion, read_rules


def shipped() -> list[RuleVersion]:
    """Every version that ships, file by file."""
    found = sorted(files(__name__).iterdir(), key=lambda entry: entry.name)
    texts = [entry.read_text(encoding="utf-8") for entry in found if entry.name.endswith(".toml")]
    return [version for text in texts for version in read_rules(text)]
