"""An encoder of the city's own: read from its folder, counted as the table of meanings is, kept with the index."""

import shutil
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kezhuan.config.commands import match
from kezhuan.engines.matching import FROZEN, DamagedIndex, Facts, Item, Matcher
from kezhuan.engines.matching.carrying import carry_out
from kezhuan.engines.matching.encoder import Encoder
from kezhuan.engines.matching.encoder_files import ENCODER_SENTENCES, UnusableEncoder
from kezhuan.engines.matching.runs import Run, Wanted, key_of, mark_of, prepare

from .encoders import (
    SIZE,
    modules,
    onnx_encoder,
    static_encoder,
    trained,
    write_json,
    write_safetensors,
    write_tokenizer,
)

SUPPLY = [
    Item("抛光", "碳化硅衬底抛光", "衬底抛光，碳化硅抛光，碳化硅衬底。" * 8),
    Item("水稻", "水稻抗病育种", "水稻育种，抗病育种，水稻。" * 8, facts=Facts(trl=4)),
    Item("隧道", "隧道衬砌裂缝检测", "隧道衬砌裂缝，衬砌检测，隧道检测。" * 8),
    Item("lining", "inspection of lining", "tunnel lining cracks inspection tunnel lining"),
    Item("无关", "无关", "远洋渔船冷藏保鲜工艺，远洋渔船。" * 8),
    Item("台", "抛光设备"),
]
NEEDS = [
    Item(0, "polishing of silicon carbide substrate"),
    Item(1, "rice breeding", "breeding for resistance", facts=Facts(trl=6)),
    Item(2, "隧道衬砌裂缝"),
    Item(3, "衬底抛光"),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("encoders")
    return {"onnx": onnx_encoder(place / "onnx"), "static": static_encoder(place / "static")}


@pytest.fixture(params=["onnx", "static"])
def encoder(folders: dict[str, Path], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    def refuse(*_given: object) -> None:
        raise AssertionError("somebody went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return Encoder(folders[request.param])


def found(matcher: Matcher, needs: list[Item] = NEEDS) -> list[list[tuple[Any, ...]]]:
    return [[(one.supply, one.score) for one in matches] for matches in matcher.kneighbors(needs, 5)]


def test_it_finds_across_languages_and_says_why(encoder: Encoder) -> None:
    matcher = Matcher(encoder=encoder).fit(SUPPLY)
    answers = matcher.kneighbors(NEEDS, 5)
    assert [matches[0].supply for matches in answers] == ["抛光", "水稻", "隧道", "抛光"]
    assert "无关" not in {match.supply for matches in answers for match in matches}
    for need, matches in zip(NEEDS, answers, strict=True):
        for match_ in matches:
            assert abs(sum(part.value for part in match_.parts) - match_.score) < 1e-9
            assert matcher.explain(need, match_.supply) == replace(match_, rank=0)
    by_name = {part.name: part for part in answers[0][0].parts}
    assert by_name["meaning"].value == pytest.approx(FROZEN.meaning_share**0.5, rel=0.1)
    assert "polishing～衬底抛光" in by_name["meaning"].because.params["words"]
    assert "跨语言意思相近" in by_name["meaning"].because.say("zh")
    thin = next(match_ for match_ in answers[3] if match_.supply == "台")
    assert [part.because.code for part in thin.parts if part.name == "meaning"] == ["akin-words"]
    assert Matcher(table=lambda: None).fit(SUPPLY[:3]).kneighbors(NEEDS[:1], 5) == [[]]
    assert "torch" not in sys.modules


def test_what_the_model_does_not_know_is_trusted_less(encoder: Encoder) -> None:
    matcher = Matcher(encoder=encoder).fit(SUPPLY)
    half, little = (
        Item(0, "polishing of silicon carbide substrate " + words) for words in ("a b c", "a b c d e f g h")
    )
    scores = [matches[0].score if matches else 0.0 for matches in matcher.kneighbors([NEEDS[0], half, little], 1)]
    assert scores[0] > scores[1] > scores[2]


def test_a_vector_does_not_depend_on_what_is_read_beside_it(encoder: Encoder) -> None:
    together = encoder.records([*SUPPLY, *SUPPLY[::-1], Item("", "")])
    for at, item in enumerate(SUPPLY):
        assert np.array_equal(encoder.records([item])[0], together[at])
        assert np.array_equal(together[at], together[2 * len(SUPPLY) - 1 - at])
    assert together.shape[1] == encoder.dimensions
    assert not together[-1].any()
    ahead = Encoder(encoder.folder)
    ahead.read_ahead(SUPPLY)
    assert np.array_equal(ahead.records(SUPPLY), together[: len(SUPPLY)])
    assert Encoder(encoder.folder).mark == encoder.mark


def test_vectors_are_kept_with_the_index_and_never_those_of_another_encoder(
    tmp_path: Path, encoder: Encoder, folders: dict[str, Path]
) -> None:
    matcher = Matcher(encoder=encoder).fit(SUPPLY[:3]).partial_fit(SUPPLY[3:])
    expected = found(Matcher(encoder=encoder).fit(SUPPLY[::-1]))
    assert [{one for one, _score in matches} for matches in found(matcher)] == [
        {one for one, _score in matches} for matches in expected
    ]
    matcher.merge().save(tmp_path / "index")
    kept = Encoder(encoder.folder)
    loaded = Matcher.load(tmp_path / "index", encoder=kept)
    assert found(loaded) == found(matcher) == expected
    late = Item("新", "育种", "水稻育种水稻")
    for one in (loaded, matcher):
        one.delete(["隧道", "lining"])
        one.partial_fit([late]).merge()
    assert found(loaded) == found(matcher)
    loaded.save(tmp_path / "index", beside=True)
    loaded.save(tmp_path / "index")
    assert found(Matcher.load(tmp_path / "index", encoder=kept)) == found(matcher) == found(loaded)
    assert found(loaded.merged()) == found(matcher)
    other = onnx_encoder(tmp_path / "other", stretch=2.0)
    for wrong in (None, Encoder(other)):
        with pytest.raises(DamagedIndex, match="another encoder"):
            Matcher.load(tmp_path / "index", encoder=wrong)


def test_named_changes_lift_and_no_need_is_missed(encoder: Encoder) -> None:
    config = replace(FROZEN, live_least=10**6)
    for need in (replace(one, facts=Facts(trl=6)) for one in NEEDS):
        supply = [replace(one, facts=Facts(trl=3 + at)) for at, one in enumerate(SUPPLY)]
        matcher, by_id = Matcher(config, encoder=encoder).fit(supply), {one.id: one for one in supply}
        for miss in matcher.why_not(need, 1):
            if miss.changes:
                item = by_id[miss.supply]
                changed = replace(item, facts=miss.facts or item.facts, text=" ".join((item.text, *miss.words)))
                matcher.partial_fit([changed], merge=False)
                assert matcher.kneighbors([need], 1)[0][0].supply == miss.supply
                matcher.partial_fit([item], merge=False)
    both = Matcher(encoder=encoder).fit([*SUPPLY, *NEEDS])
    among = np.array([isinstance(one, int) for one in both.ids])
    for item in SUPPLY:
        reached = {need.id for need in NEEDS if both.explain(need, item.id).score >= 0.3}
        assert reached <= set(both.may_ask(item.id, 0.3, among))


def test_a_run_has_its_needs_read_once_and_one_hash(tmp_path: Path, encoder: Encoder) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(encoder.folder, folder)
    own = Encoder(folder)

    def write_index(place: Path) -> list[Wanted]:
        Matcher(encoder=own).fit(SUPPLY).save(place)
        return [Wanted(3)]

    def made(name: str, workers: int) -> Run:
        run = prepare(tmp_path / name, NEEDS, write_index, supply=mark_of(SUPPLY), reasons=False, encoder=own)
        carry_out(run, workers=workers)
        return run

    one, two = made("one", 1), made("two", 2)
    assert one.result_hash() == two.result_hash()
    answers = [[(match_.supply, match_.score) for match_ in answer.lists[0]] for answer in one.answers()]
    assert answers == [matches[:3] for matches in found(Matcher(encoder=encoder).fit(SUPPLY))]
    expected = made("three", 1)
    for shard in (expected.folder / "shards").iterdir():
        shard.unlink()
    shutil.rmtree(folder)  # whoever makes shards without reasons needs neither the model nor its packages
    again = replace(expected)
    carry_out(again)
    assert again.result_hash() == one.result_hash()
    marks = [key_of("a", NEEDS, [Wanted(3)], reasons=False, encoder=wanted) for wanted in (None, encoder)]
    assert marks[0] != marks[1]


def test_a_folder_without_modules_is_read_too(tmp_path: Path, folders: dict[str, Path]) -> None:
    """As optimum exports ONNX, and as model2vec writes static embeddings."""
    plain, static = tmp_path / "plain", tmp_path / "static"
    shutil.copytree(folders["onnx"], plain)
    for name in ("modules.json", "sentence_bert_config.json"):
        (plain / name).unlink()
    (plain / "onnx" / "model.onnx").rename(plain / "onnx" / "model_fp32.onnx")
    static.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        shutil.copy(folders["static"] / "0_StaticEmbedding" / name, static / name)
    short = [Item(item.id, item.title) for item in SUPPLY]
    alike = [Encoder(place).records(short) for place in (plain, static, folders["onnx"], folders["static"])]
    # A turn of all vectors, by which the two kinds differ here, changes no cosine.
    for one in alike[1:]:
        assert np.allclose(alike[0] @ alike[0].T, one @ one.T, atol=1e-5)


@pytest.mark.parametrize("pooling", ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "lasttoken"])
def test_every_way_of_pooling(tmp_path: Path, folders: dict[str, Path], pooling: str) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(folders["onnx"], folder)
    write_json(folder / "modules.json", modules("Transformer", "Pooling", "Normalize"))
    write_json(folder / "1_Pooling" / "config.json", {f"pooling_mode_{pooling}": True})
    encoder = Encoder(folder)
    whole, first, last = encoder.records([Item(0, "rice breeding"), Item(1, "rice"), Item(2, "breeding")])
    expected = {"cls_token": first, "lasttoken": last}.get(pooling)
    if expected is not None:
        assert np.allclose(whole, expected, atol=1e-6)
    else:
        assert not np.allclose(whole, first, atol=1e-2)
    assert encoder.mark != Encoder(folders["onnx"]).mark


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def wrong(name: str, text: str | None) -> Any:
    def change(folder: Path) -> None:
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")

    change.__name__ = f"{name} {text}"
    return change


def only_torch(folder: Path) -> None:
    """Weights for PyTorch, which is not installed."""
    shutil.rmtree(folder / "onnx")
    write_safetensors(folder / "model.safetensors", {"encoder.weight": np.zeros((1, 1), np.float32)})


def only_pickles(folder: Path) -> None:
    shutil.rmtree(folder / "onnx")
    (folder / "pytorch_model.bin").write_bytes(b"")


def two_models(folder: Path) -> None:
    for name in ("a.onnx", "b.onnx"):
        shutil.copy(folder / "onnx" / "model.onnx", folder / "onnx" / name)
    (folder / "onnx" / "model.onnx").unlink()


def other_size(folder: Path) -> None:
    write_json(folder / "modules.json", modules("Transformer", "Pooling", "Normalize"))
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 9, "pooling_mode_mean_tokens": True})


def dense(shape: tuple[int, ...]) -> Any:
    def change(folder: Path) -> None:
        write_safetensors(folder / "2_Dense" / "model.safetensors", {"linear.weight": np.ones(shape, np.float32)})

    return change


def more_tokens(folder: Path) -> None:
    """A tokenizer of another model, with tokens that this one does not know."""
    write_tokenizer(folder, [f"[{number}]" for number in range(500)] + trained()[0])


def no_unknown(folder: Path) -> None:
    """A tokenizer that refuses words it does not know."""
    write_tokenizer(folder, ["水", "稻"])


def not_numbers(folder: Path) -> None:
    weight = np.full((SIZE, SIZE), np.nan, np.float32)
    write_safetensors(folder / "2_Dense" / "model.safetensors", {"linear.weight": weight})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (no_folder, "encoder-folder"),
        (wrong("tokenizer.json", None), "encoder-file"),
        (wrong("onnx/model.onnx", None), "encoder-file"),
        (wrong("onnx/model.onnx", "no model"), "encoder-damaged"),
        (wrong("tokenizer.json", "{}"), "encoder-damaged"),
        (wrong("modules.json", "[1]"), "encoder-damaged"),
        (wrong("modules.json", '[{"type": "a.CNN", "path": ""}]'), "encoder-module"),
        (wrong("1_Pooling/config.json", "{}"), "encoder-pooling"),
        (wrong("2_Dense/model.safetensors", "short"), "encoder-damaged"),
        (only_torch, "encoder-torch"),
        (only_pickles, "encoder-pickle"),
        (two_models, "encoder-several"),
        (other_size, "encoder-dimensions"),
        (wrong("modules.json", '[{"type": "a.Dense"}]'), "encoder-file"),
        (wrong("sentence_bert_config.json", '{"max_seq_length": "64"}'), "encoder-damaged"),
        (wrong("sentence_bert_config.json", '{"max_seq_length": -5}'), "encoder-damaged"),
        (wrong("config_sentence_transformers.json", '{"prompts": ["a"]}'), "encoder-damaged"),
        (dense((SIZE,)), "encoder-damaged"),
        (dense((SIZE, SIZE + 1)), "encoder-dimensions"),
        (more_tokens, "encoder-damaged"),
        (no_unknown, "encoder-damaged"),
        (not_numbers, "encoder-damaged"),
    ],
)
def test_what_is_wrong_with_a_folder_is_one_sentence(
    tmp_path: Path, folders: dict[str, Path], change: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    folder = tmp_path / "encoder"
    shutil.copytree(folders["onnx"], folder)
    change(folder)
    with pytest.raises(UnusableEncoder) as raised:
        Encoder(folder).records(SUPPLY)
    assert raised.value.code == code
    for language in ("zh", "en"):
        said = raised.value.say(language)
        assert str(folder) in said
        assert "\n" not in said
        assert "{" not in said.removesuffix("}")


def test_a_name_that_no_folder_can_have_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableEncoder, match="too long"):
        Encoder("a" * 300)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnusableEncoder, match="no such folder"):
        Encoder(tmp_path / "loop")


def test_a_folder_of_another_user_is_one_sentence(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(UnusableEncoder, match="Permission denied"):
        Encoder(folders["onnx"])


def test_an_empty_table_of_tokens_is_one_sentence(tmp_path: Path, folders: dict[str, Path]) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(folders["static"], folder)
    empty = np.zeros((0, SIZE), np.float32)
    write_safetensors(folder / "0_StaticEmbedding" / "model.safetensors", {"embedding.weight": empty})
    with pytest.raises(UnusableEncoder, match=r"embedding\.weight"):
        Encoder(folder).records(SUPPLY)


@pytest.mark.parametrize(("kind", "package"), [("onnx", "onnxruntime"), ("static", "tokenizers")])
def test_a_missing_package_is_named_with_how_it_is_installed(
    folders: dict[str, Path], kind: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        UnusableEncoder, match=f"{package} is not installed; run: .*requirements-encoder.lock"
    ) as raised:
        Encoder(folders[kind]).records(SUPPLY)
    assert raised.value.code in ENCODER_SENTENCES


def test_the_command_takes_an_encoder(
    tmp_path: Path, folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, items in (("needs", NEEDS), ("supply", SUPPLY)):
        rows = "\n".join(f"{item.id},{item.title},{item.text}" for item in items)
        (tmp_path / f"{name}.csv").write_text(f"编号,名称,内容\n{rows}\n", "utf-8")
    files = [str(tmp_path / "needs.csv"), str(tmp_path / "supply.csv")]
    own = ["--encoder", str(folders["onnx"])]
    out = [tmp_path / name for name in ("one.jsonl", "all.jsonl", "plain.jsonl")]
    assert match.run([*files, "--out", str(out[0]), *own]) == 0
    assert match.run(["--all", *files, "--out", str(out[1]), *own, "--workers", "2"]) == 0
    assert match.run([*files, "--out", str(out[2])]) == 0
    assert out[0].read_bytes() == out[1].read_bytes() != out[2].read_bytes()
    assert "polishing～衬底抛光" in out[0].read_text("utf-8")
    capsys.readouterr()
    for words in ([*files, "--out", str(out[0])], ["--all", *files, "--out", str(out[0])]):
        assert match.run([*words, "--encoder", str(tmp_path / "none")]) == 2
        assert capsys.readouterr().err.splitlines()[-1].endswith("没有这个文件夹。")
    assert match.run(["--all", *own]) == 2
