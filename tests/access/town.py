"""A town with everything that an address can be about, and everybody who may come to it."""

from typing import Any

from django.test import override_settings

from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.opening_actions import make_opening_code
from kezhuan.areas.calls.question_actions import ask_about_call
from kezhuan.areas.filings.models import Receipt
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Weighting
from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.areas.people.claim_actions import claim_organisation
from kezhuan.areas.people.handover_actions import hand_over
from kezhuan.areas.people.member_actions import invite_member
from kezhuan.areas.people.scope_actions import give_duty
from kezhuan.areas.people.token_actions import make_token
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Aimed, Wanted
from kezhuan.areas.projects.payment_actions import report_milestone
from kezhuan.areas.projects.race_test_actions import ask_tester
from kezhuan.areas.projects.reports import REPORTS
from kezhuan.exchange import exported, open_data
from kezhuan.exchange import kinds as importables
from kezhuan.exchange.models import Export, Import, Reading, RejectedRow
from kezhuan.exchange.papers.actions import add_template
from kezhuan.exchange.papers.printing import version_of
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel import followers, jobs, outbox, registry, tokens, watches
from kezhuan.kernel.access import GROUPS, VISITOR, Actor, actor_for
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Deputy, Entry, Message, Post, Record, Route, RuleValue
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import webhooks
from kezhuan.kernel.text import now, today
from tests.access import judging, money
from tests.factories import (
    brokers,
    calls,
    city,
    evaluations,
    offers,
    projects,
    tasks,
)

Place = tuple[tuple[Any, ...], Any]
"""What stands in the address, and what the rule is asked about."""


class Town:
    """Its people by role, and samples of what addresses are about by name."""

    def __init__(self) -> None:
        firm, unit = city.organisation("穗芯公司", region="440106"), city.organisation("南粤大学", kind="university")
        self.firm, self.unit = firm, unit
        owner, partner, handler = city.member(firm, Role.ADMINISTRATOR), city.member(unit), city.officer()
        self.roles: dict[str, Actor] = {
            "visitor": VISITOR,
            "newcomer": actor_for(register_person(actor=SYSTEM, name="新人", email="new@example.com")),
            "owner": owner,
            "reader": city.member(firm, Role.READER),
            "finance": city.member(firm, Role.FINANCE),
            "partner": partner,
            "rival": city.member(city.organisation("粤材公司", region="440113"), Role.ADMINISTRATOR),
            "city officer": handler,
            "district officer": city.officer("440106"),
            "officer of elsewhere": city.officer("440117"),
            "auditor": city.member(handler.organisation, Role.AUDITOR),
        }
        self.places: dict[str, list[Place]] = {"": [((), None)]}
        self._records(owner, partner, handler)
        self._around_records(owner, handler)
        self._own_things(owner, handler)
        self._links()

    def of(self, name: str) -> list[Place]:
        """The samples of a name."""
        return self.places[name]

    def add(self, name: str, *places: Place) -> None:
        """Samples of a name, or more of them."""
        self.places.setdefault(name, []).extend(places)

    def _records(self, owner: Actor, partner: Actor, handler: Actor) -> None:
        firm, unit = self.firm, self.unit
        needs = [
            city.need(firm, by=owner),
            city.need(firm, by=owner, stage="published"),
            city.need(firm, by=owner, stage="published", confidentiality="closed_door", title="门内"),
            city.need(firm, by=owner, stage="published", confidentiality="title_only", title="六英寸产线需求"),
        ]
        listed = city.achievement(unit, stage="listed", by=partner)
        results = [
            city.achievement(firm, by=owner),
            city.achievement(firm, by=owner, stage="listed", confidential="配方"),
            city.achievement(firm, by=owner, stage="listed", secrecy="trade_secret"),
            listed,
        ]
        teams = [city.team(firm, stage=stage, by=owner, leader_person=owner.person) for stage in ("draft", "published")]
        followers.run_pending()
        met = introduce(actor=owner, need=needs[1], supply=listed.record)
        met = advance(INTRODUCTION, met, "agree", actor=partner)
        asked = introduce(actor=handler, need=needs[2], supply=listed.record)
        routed = city.achievement(unit, stage="listed", by=partner, title="走审批的成果")
        signer = city.member(handler.organisation, Role.OFFICER)
        self.roles["signer"] = signer
        approval = city.approval(routed, handler, signer)
        noticed = city.achievement(unit, stage="listed", by=partner, title="要公示的成果")
        running = city.notice(noticed, handler, stage="running")
        closed = city.need(firm, by=owner, stage="closed", title="已结需求")
        prepared, begun = city.inspection(needs[0], owner, unit=firm), city.inspection(needs[2], handler)
        begun = advance(INSPECTION, begun, "admit", actor=handler)
        self.roles["inspector"] = actor_for(begun.inspector)
        inner = city.dossier(firm, by=owner, summary="底价")
        filed = city.filing(inner, owner)
        drawn_up, handed_in = (
            city.contract(firm, by=owner, stage=stage, disputed=stage == "submitted")
            for stage in ("draft", "submitted")
        )
        handed_in.experts_heard = True  # as if they had been: no move leads there from this stage
        handed_in.save(update_fields=["experts_heard"])
        drawn_up.filing = filed  # as if it had been taken up of one: the town's filings were all made in it
        drawn_up.save(update_fields=["filing"])
        self.add("to file", ((), self.fresh(inner)))
        judged_results = evaluations.of_town(self.unit, partner, handler, self.firm)
        self.add("items of evaluations", *(((one.record.code, "1.1"), self.fresh(one)) for one in judged_results))
        granted = [*money.granted(self, partner), *judged_results]
        taken = [needs[1]]
        opened = [
            calls.call(stage=stage, by=handler, needs=taken) for stage in ("draft", "published", "closed", "unclaimed")
        ]
        applied = [calls.application(opened[1], unit, stage="submitted", by=partner)]
        applied.append(calls.application(opened[1], self.roles["rival"].organisation, stage="draft"))
        applied[0].partners.add(self.roles["rival"].organisation)
        calls.recommender_of(opened[1], firm)
        applied.append(calls.application(opened[1], stage="offered"))
        opened.append(calls.by_invitation(unit, by=handler))
        opened += (sealed := self._sealed(handler, taken))[:2]
        applied.append(sealed[2])
        judged = judging.judged(self, handler, taken)
        undertaken = self._projects(handler, taken)
        question = ask_about_call(actor=partner, call=opened[1], words="测试温度是多少？")
        self.add("questions of calls", ((opened[1].record.code, question.number), self.fresh(opened[1])))
        self.add("open call", ((), self.fresh(opened[1])))
        self.add("budget documents", (((budget := calls.budget(handler)).pk,), budget))
        self.add("places of calls", ((opened[0].record.code, calls.field_on(opened[0], handler).number), opened[0]))
        self.add("tables of calls", *(((one.record.code, "ranking"), self.fresh(one)) for one in opened))
        self.add("items of calls", *(((one.record.code, 1), self.fresh(one)) for one in opened))
        self.add("answers given", *(((one.record.code, 1), self.fresh(one)) for one in applied))
        rows = [
            *needs, *results, *teams, met, asked, approval, noticed, running, closed, prepared, begun, inner, filed,
            drawn_up, handed_in, *money.agreed(self), *granted, *opened, *applied, *judged, *undertaken,
            city.notice(results[1], handler), city.objection(running, handler),
            firm, unit, city.organisation("待核验公司", stage="unverified", region="440106"),
            city.organisation("名录里的公司", stage="listed", region="440106"), handler.organisation,
            owner.person, handler.person,
        ]  # fmt: skip
        for row in rows:
            self._record(row)
        receipt = Receipt.objects.create(
            code="0000-1111-2222-3333", package="0" * 64, unit=firm, said={}, taken_at=now()
        )  # fmt: skip
        self.add("receipts", ((receipt.code,), receipt))
        self.add("closed", ((closed.record.code,), self.fresh(closed)))
        for row in (needs[1], needs[2]):
            printed, _content = version_of(actor=owner, row=self.fresh(row))
            self.add("versions", ((printed.code,), None))
            self.add("pages of versions", ((printed.code, "1-1"), None))
        pair = (needs[1], results[1])
        self.add("pairs", (tuple(row.record.code for row in pair), tuple(self.fresh(row) for row in pair)))
        self._queues(handler)
        self.add("routed", *self._moves(routed, only="register"), *self._moves(noticed, only="register"))
        self.add("asked", *(((), subject) for _place, subject in self._moves(routed, only="register")))
        self.add("routes", *(((one.pk,), one) for one in Route.objects.all()))
        for post in Post.objects.select_related("organisation__record"):
            self.add("posts", ((post.pk,), post))
            self.add("holders", *(((post.pk, held.pk), held) for held in post.holders.select_related("post")))
        self.add("noticed", ((noticed.record.code, "register"), self.fresh(noticed)))
        self.add("running notices", ((running.record.code,), self.fresh(running)))
        channel = running.channels.first()
        self.add("channels", ((running.record.code, channel.pk, "end"), self.fresh(running)))
        self.add("channel kinds", ((running.record.code, channel.kind, "end"), self.fresh(running)))
        self.add("noticed row", ((), self.fresh(noticed)))
        step = approval.steps.get()
        step.approval = self.fresh(approval)
        self.add("steps", ((approval.record.code, step.pk), step))

    def _projects(self, handler: Actor, needs: list[Any]) -> list[Any]:
        """An application that was chosen and five projects: with an invitation, to be signed, with a change that is
        asked for, under way with a milestone that is reported, and accepted."""
        rival, other = self.roles["rival"].organisation, city.organisation("院所", kind="institute")
        chosen = projects.awarded(
            self.unit, other, rival, self.roles["agency"].organisation, city.organisation(),
            city.organisation(), by=handler, needs=needs,
            fen=30_000_000,
        )  # fmt: skip
        # Who undertakes the first is related to the firm whose challenge it is, which takes part as well.
        Application.objects.filter(pk=chosen[0].pk).update(related="同一控制人")
        parts = ([(rival, 1), (self.firm, 1)], [(self.unit, 1)], [(self.unit, 1)], [])
        rows = [
            projects.project(row, stage=stage, members=members, by=handler)
            for row, stage, members in zip(chosen, ("drafted", "filed", "signed", "running"), parts, strict=False)
        ]
        report_milestone(actor=self.roles["agency"], project=rows[3], number=1, words="样件达到指标")
        self.add("milestones of projects", ((rows[3].record.code, 1), self.fresh(rows[3])))
        wanted = Wanted(
            "搬迁", milestones=(Aimed(1, indicator="样件达标"),), leaving=self.unit.record.code,
            joining=self.roles["agency"].organisation.record.code,
        )  # fmt: skip
        ask_change(actor=city.clerk(rival), project=rows[2], wanted=wanted)
        for name in ("projects.vouchers", "contracts.register"):
            sent = Reading.objects.create(
                name=name, by=handler.person, office=handler.organisation, language="zh-hans", made_at=now(),
                options={"only_check": True},
            )  # fmt: skip
            self.add("readings", ((sent.pk,), sent))
        (second,) = projects.awarded(self.unit, by=handler, fen=30_000_000)
        accepted = projects.project(second, stage="running", by=handler)
        Record.objects.filter(pk=accepted.pk).update(stage="accepted", phase="done")  # as if a panel had advised
        race = projects.race([rows[0], projects.project(chosen[4])], by=handler, first_fen=1_000_000)
        ask_tester(actor=handler, race=race, tester=self.roles["agency"].organisation.record.code)
        offered = offers.offer(rival, stage="open", project=rows[2])
        booked = offers.booking(offered, city.clerk(self.unit))
        self.add("bookings of offers", ((offered.record.code, booked.number), self.fresh(offered)))
        return [chosen[-1], *rows, accepted, race, offered, offers.offer(rival, project=rows[2]),
                tasks.task(self.firm, self.roles["owner"], stage="published")]  # fmt: skip

    def _sealed(self, handler: Actor, needs: list[Any]) -> list[Any]:
        """Calls that seal, a draft and a closed one, and what was handed in to the latter."""
        with override_settings(SEALING_KEY="nicht-im-datenordner-liegende-zeile"):
            draft, call = (calls.call(by=handler, needs=needs, seals=True) for _ in range(2))
            make_opening_code(actor=handler, call=call)
            call = advance(CALL, call, "publish", actor=handler)
            row = calls.application(call, self.unit, stage="submitted", by=self.roles["partner"])
        calls.end_time_of(call)
        return [draft, advance(CALL, call, "close", actor=handler), row]

    def fresh(self, row: Any) -> Any:
        """The row as a reader's request finds it."""
        audiences = (f"record__{group}_to" for group in GROUPS)
        rows = type(row).objects.select_related("record__owner__record", *audiences)
        return rows.get(pk=row.pk)

    def _record(self, row: Any) -> None:
        row = self.fresh(row)
        kind, place = row.record.kind, ((row.record.code,), row)
        plural = {"organisation": "organisations", "person": "people", "notice": "notices", "objection": "objections",
                  "approval": "approvals", "inspection": "inspections"}.get(kind, kind)  # fmt: skip
        for name in {kind, plural}:
            self.add(name, place)
        if len(self.places[kind]) == 1 or row.record.title in {"门内", "已结需求"}:
            self.add("records", place)
            self.add(f"some {kind}", place)
            self.add(f"papers of {kind}", ((row.record.code, "letter"), row))
        for name in ("moves", f"moves of {kind}"):
            self.add(name, *self._moves(row))

    def _moves(self, row: Any, only: str = "") -> list[Place]:
        """The moves from the row's stage."""
        row = self.fresh(row)
        return [
            ((row.record.code, move.name), (row, move))
            for move in registry.kind_of(row.record).lifecycle.moves.values()
            if row.record.stage in move.source and only in {"", move.name}
        ]

    def _queues(self, handler: Actor) -> None:
        """A broker of an agency, and pairs in their queue: one that waits, and one that was taken up."""
        broker, row = brokers.broker(by=handler)
        self.roles["broker"] = broker
        self.add("brokers", ((row.pk,), row))
        asked = city.need(self.firm, by=self.roles["owner"], stage="published", title="碳化硅衬底抛光撮合需求")
        listed = [city.achievement(self.unit, stage="listed", title=f"碳化硅衬底抛光撮合成果{name}") for name in "甲乙"]
        followers.run_pending()
        for one, move in zip(listed, ("", "take"), strict=True):
            pair = brokers.given(asked, one.record, row, by=handler)
            self._record(advance(PAIR, pair, move, actor=broker) if move else pair)

    def _around_records(self, owner: Actor, handler: Actor) -> None:
        self.add("files")
        for name in registry.kinds():
            self.add(f"files of {name.slug}")
            self.add(f"papers of {name.slug}")
            self.add(f"moves of {name.slug}")
            self.add(f"some {name.slug}")
            self.add(name.slug)
        for kind, position in (("need", 2), ("achievement", 1)):
            row = self.of(kind)[position][1]
            for group in ("public", "full"):
                upload = Upload(f"{group}.txt", f"{kind} {group}".encode(), declared_open=True)
                file = attach_document(actor=owner, record=row.record, group=group, upload=upload)
                self.add("files", ((file.pk,), (row, file)))
                self.add(f"files of {kind}", ((row.record.code, file.stored_id), (row, file)))
        public = next(row for _code, row in self.of("organisations") if row.record.title == "名录里的公司")
        claimant = self.roles["newcomer"]
        claim_organisation(actor=claimant, organisation=public, note="我在此任职")
        claim = public.record.grants.get()
        self.add("claims", ((public.record.code, claim.pk, "decline"), self.fresh(public)))
        members = {who: self.roles[who].person.memberships.select_related(
            "organisation__record", *(f"organisation__record__{group}_to" for group in GROUPS)).get()
            for who in ("owner", "reader", "district officer")}  # fmt: skip
        code = self.firm.record.code
        self.add("members", ((code, members["reader"].pk), members["reader"]))
        held = members["district officer"]
        deputy = Deputy.objects.create(
            represented=handler.person, person=self.roles["signer"].person, organisation=handler.organisation,
            since=today(), until=today(),
        )  # fmt: skip
        self.add("deputyships", ((deputy.pk,), deputy))
        self.add("officers", ((held.organisation.record.code, held.pk), held))
        invitation = invite_member(actor=owner, organisation=self.firm, email="x@example.com", role=Role.MEMBER)
        self.add("invitations", ((code, invitation.pk), self.fresh(self.firm)))
        left = city.organisation("交接公司", region="440106")
        leaver, stays = city.member(left, Role.ADMINISTRATOR), city.member(left)
        hand_over(actor=leaver, membership=leaver.person.memberships.get(), successor=stays.person)
        entry = Entry.objects.get(kind="organisation.handover")
        self.roles |= {"leaver": actor_for(leaver.person), "successor": actor_for(stays.person)}
        self.add("handovers", ((left.record.code, entry.pk), (self.fresh(left), entry)))
        duty = give_duty(actor=handler, organisation=handler.organisation, department="成果处", programme="need")
        office = self.fresh(handler.organisation)
        self.add("duties", ((office.record.code, duty.pk), office))

    def _own_things(self, owner: Actor, handler: Actor) -> None:
        sample = Upload("函.docx", SAMPLES["letter"].written(), declared_open=True)
        template = add_template(actor=owner, kind="need", name="函", upload=sample)
        self.add("templates", ((template.pk,), template))
        token, _secret = make_token(
            actor=owner, name="程序", reads={"*"}, writes=set(), expires_on=today(), seed=tokens.new_seed()
        )
        self.add("tokens", ((token.pk,), token))
        hook = webhooks.add_webhook(actor=owner, form="signed", url="https://example.com/hook", kinds=["need"])
        self.add("webhooks", ((hook.pk,), hook))
        watch = watches.follow_record(actor=owner, record=self.of("need")[1][1].record)
        self.add("watches", ((watch.pk,), watch))
        job = jobs.enqueue("jobs.tidy", actor=owner)
        self.add("jobs", ((job.pk,), job))
        shares = {"before": 0.2, "after": 0.3, "low": 0.05, "high": 0.15, "judged": 40}
        told = {"earlier": 90, "first": "2026-01-01", "parted": "2026-06-01", "than": None}
        made = Weighting.objects.create(factors={"trl_miss": 1.5}, trained_on=told, made_at=now(), **shares)
        self.add("weightings", ((made.pk,), made))
        export = Export.objects.create(
            name="need", kinds=["need"], by=owner.person, acting_for=self.firm, ending="csv", language="en", records=[],
            filter={}, made_at=now(), file="town.csv",
        )  # fmt: skip
        (exported.folder() / export.file).write_text("x", encoding="utf-8")
        self.add("exports", ((export.pk,), export))
        for by, acting_for, inner in ((owner, self.firm, True), (handler, handler.organisation, False)):
            kept = Import.objects.create(
                kind="need", by=by.person, acting_for=acting_for, is_inner=inner, file_name="a.csv", sha256="0" * 64,
                source="a", state="done", started_at=now(), changed_at=now(), read=1,
            )  # fmt: skip
            RejectedRow.objects.create(of=kept, row=2, reason="x", is_secret=True)
            self.add("imports", ((kept.pk,), kept))
        outbox.send(channel="mail", to="x@example.com", subject="x", text="x", key="town")
        message = Message.objects.get(key="town")
        self.add("messages", ((message.pk,), message))

    def _links(self) -> None:
        edition = open_data.write_edition()
        open_data.publish(edition)
        names = (open_data.CATALOGUE, *(file.name for extract in edition.extracts for file in extract.files))
        self.add("names of reports", *(((name,), None) for name in REPORTS))
        self.add("open data", *(((name,), None) for name in names))
        rule = RuleValue.objects.order_by("pk").first()
        self.add("rule values", ((rule.code,), None))
        self.add("rule versions", ((rule.code, rule.pk), None))
        self.add("examples", (("list",), None), (("form",), None))
        plain = {"years": (2026,), "months": ("2026-11",), "links": ("invented",), "links to items": ("invented", 1),
                 "links to files of items": ("invented", 1, 1),
                 "password links": ("MQ", "invented"), "providers": ("unknown",), "one number": (10**6,)}  # fmt: skip
        for name, place in plain.items():
            self.add(name, (place, None))
        self.add("one mark", (("invented",), None))
        self.add("kinds", *(((one,), None) for one in ("need", "person")))
        self.add("kinds of import", *(((slug,), None) for slug in importables.importables()))
