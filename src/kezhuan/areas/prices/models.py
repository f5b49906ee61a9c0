"""Prices (定价): how the price of an achievement was found, decided, laid open or bid for, and who bought."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Record


class PriceWay(models.TextChoices):
    """定价方式 (促进科技成果转化法 第十八条): the unit decides which."""

    AGREEMENT = "agreement", _("by agreement (协议定价)")
    LISTING = "listing", _("by listing on a technology market (挂牌交易)")
    AUCTION = "auction", _("by auction (拍卖)")


class PriceMode(models.TextChoices):
    """转化方式 of what is priced."""

    TRANSFER = "transfer", _("transfer (转让)")
    LICENCE = "licence", _("licence (许可)")
    INVESTMENT = "investment", _("investment for equity (作价投资)")


WHOLE = (PriceMode.TRANSFER, PriceMode.INVESTMENT)
"""Ways in which the whole achievement is given away: of these it goes one, once."""


class PriceBasis(models.TextChoices):
    """定价依据; a valuation is no duty of the unit."""

    ENQUIRY = "enquiry", _("own price enquiry (询价)")
    COMPARABLE = "comparable", _("comparable deals (可比交易)")
    INCOME = "income", _("income method (收益法)")
    ASSESSMENT = "assessment", _("valuation by an agency (资产评估)")


class Price(models.Model):
    """定价: one decision on the price of one achievement, in 分.

    `asked_fen` is the price that is decided: agreed on, or below which a place sells nothing. `final_fen` is what
    it was sold for: the agreed one, or that of the deal (`deal_no`) at the place that holds the listing or auction.
    `related` says that the buyer is tied to a completer or leader, `relation` how; `wants_exemption` that the leader
    relies on the exemption of those who lay an agreed price open in the unit and in the technology market.
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="price")
    achievement = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="prices")
    way = models.CharField(max_length=10, choices=PriceWay)
    mode = models.CharField(max_length=10, choices=PriceMode)
    basis = models.CharField(max_length=10, choices=PriceBasis)
    basis_text = models.TextField(blank=True)
    asked_fen = models.BigIntegerField()
    final_fen = models.BigIntegerField(null=True)
    buyer = models.CharField(max_length=200, blank=True)
    buyer_code = models.CharField(max_length=18, blank=True)
    related = models.BooleanField(default=False)
    relation = models.TextField(blank=True)
    wants_exemption = models.BooleanField(default=False)
    place = models.CharField(max_length=200, blank=True)
    deal_no = models.CharField(max_length=80, blank=True)
    deal_on = models.DateField(null=True)
    contract = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")

    takes_files = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_fen__gt=0) & (Q(final_fen=None) | Q(final_fen__gt=0)), name="price_amounts"
            )
        ]


class PricePayment(models.Model):
    """付款安排: what is paid by when, and what makes it due."""

    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    fen = models.BigIntegerField()
    trigger = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["price", "number"], name="price_payment_number"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="price_payment_above_zero"),
        ]


class Bid(models.Model):
    """A bid as the place delivered it."""

    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="bids")
    number = models.PositiveSmallIntegerField()
    bidder = models.CharField(max_length=200)
    fen = models.BigIntegerField()
    on = models.DateField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["price", "number"], name="price_bid_number"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="price_bid_above_zero"),
        ]


class Quote(models.Model):
    """A sealed quote of the unit's own enquiry. `seal` is the SHA-256 of the file in which it stands, handed in before
    anybody has read it; at the opening the file itself is handed in and must have this hash."""

    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="quotes")
    number = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    seal = models.CharField(max_length=64)
    received_on = models.DateField()
    opened_on = models.DateField(null=True)
    fen = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["price", "number"], name="price_quote_number"),
            models.UniqueConstraint(fields=["price", "seal"], name="price_quote_seal_once"),
            models.CheckConstraint(
                condition=Q(opened_on=None, fen=None) | Q(opened_on__gte=models.F("received_on"), fen__gt=0),
                name="price_quote_opened",
            ),
        ]
