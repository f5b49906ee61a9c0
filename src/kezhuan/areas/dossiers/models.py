"""Dossiers (内部材料): what a unit keeps inside about an achievement's price, income, decisions and contracts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kezhuan.kernel.models import Record
from kezhuan.kernel.roles import MONEY, PAPERS


class DossierSort(models.TextChoices):
    """What a dossier is about; figures of money are kept by other members than papers of rights and contracts."""

    LEDGER = "ledger", _("separate ledger")
    PRICE = "price", _("pricing")
    INCOME = "income", _("income")
    MINUTES = "minutes", _("minutes of the collective decision")
    CONTRACT = "contract", pgettext_lazy("papers", "contract")
    EXEMPTION = "exemption", _("exemption")


_MONEY = frozenset({DossierSort.LEDGER, DossierSort.PRICE, DossierSort.INCOME})


def roles_of(sort: str) -> frozenset[str]:
    """The roles in which a unit's members read and keep dossiers of a sort."""
    return MONEY if sort in _MONEY else PAPERS


class Dossier(models.Model):
    """An inner record of a unit: its title and summary say what it is, its files are the papers themselves.

    `amount_fen` is the sum of money it is about, in 分; `on` the day of the paper; `about` the achievement.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="dossier")
    sort = models.CharField(max_length=20, choices=DossierSort)
    number = models.CharField(max_length=80, blank=True, help_text="文号, 合同编号, 纪要编号")
    on = models.DateField()
    amount_fen = models.BigIntegerField(null=True)
    about = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="dossiers")
    extra = models.JSONField(default=dict, help_text="further columns of the file it came from")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_fen=None) | models.Q(amount_fen__gte=0), name="dossier_amount"
            )
        ]
