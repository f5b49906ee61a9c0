"""A site with an encoder of its own: its index goes by it, keeps its vectors, and is made anew for another one."""

import shutil

import pytest

from kezhuan.config import environment, readiness
from kezhuan.config.environment import BadSetting
from kezhuan.engines.matching import Item
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.search import LiveIndex, Supply, audience_mask
from kezhuan.kernel.search.meaning import encoder_in_use, marks_in_use
from tests.engines.matching.encoders import onnx_encoder
from tests.factories import city

NEED = Item("n", "polishing of silicon carbide substrate")


def suggested(index: LiveIndex) -> dict[int, str]:
    """What is near to the need, with the words that met."""
    index.catch_up(wait=True)
    wanted = Supply("achievement", ("listed",), audience_mask(VISITOR))
    [matches] = index.nearest([NEED], 5, wanted)
    return {match.supply: match.parts[0].because.say("zh") for match in matches}


@pytest.mark.django_db
def test_a_site_goes_by_its_encoder_and_makes_its_index_anew_for_another(settings, tmp_path, monkeypatch, caplog):
    rebuilt, original = [], LiveIndex._rebuild
    monkeypatch.setattr(LiveIndex, "_rebuild", lambda self, *rest: (rebuilt.append(1), original(self, *rest))[1])
    unit = city.organisation()
    one = city.achievement(unit, stage="listed", title="碳化硅衬底抛光", summary="衬底抛光，碳化硅抛光。" * 8)
    settings.ENCODER = str(onnx_encoder(tmp_path / "encoder"))
    assert marks_in_use()[1] == encoder_in_use().mark
    index = LiveIndex(tmp_path / "index")
    assert "polishing～" in suggested(index)[one.pk]
    later = city.achievement(unit, stage="listed", title="碳化硅衬底抛光", summary="衬底抛光，碳化硅抛光。" * 8)
    assert suggested(index).keys() == {one.pk, later.pk}
    index.save()
    assert suggested(LiveIndex(tmp_path / "index")).keys() == {one.pk, later.pk}
    assert len(rebuilt) == 1
    settings.ENCODER = str(onnx_encoder(tmp_path / "other", stretch=2.0))
    assert suggested(LiveIndex(tmp_path / "index")).keys() == {one.pk, later.pk}
    assert len(rebuilt) == 2
    assert "another encoder" in caplog.text
    assert [one for one in readiness.refusals("localhost") if "ENCODER" in one] == []
    settings.ENCODER = str(tmp_path / "gone")
    assert encoder_in_use() is None
    assert [one for one in readiness.refusals("localhost") if one.startswith("KEZHUAN_ENCODER")]
    assert "The table of meanings is used instead" in caplog.text


def test_a_setting_that_names_no_encoder_stops_the_start(tmp_path, monkeypatch):
    folder = onnx_encoder(tmp_path / "encoder")
    assert environment.encoder("KEZHUAN_ENCODER", {"KEZHUAN_ENCODER": str(folder)}) == str(folder)
    assert environment.encoder("KEZHUAN_ENCODER", {}) == ""
    shutil.rmtree(folder / "onnx")
    for locale, said in (("C.UTF-8", "缺少 model.onnx"), ("en_GB.UTF-8", "model.onnx is missing")):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(BadSetting, match=f"KEZHUAN_ENCODER.*{said}"):
            environment.encoder("KEZHUAN_ENCODER", {"KEZHUAN_ENCODER": str(folder)})
