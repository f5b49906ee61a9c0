"""The kernel's tables: parties, records, access, journal, documents, clocks, rule values, notices, approvals, filings,
jobs, messages, API."""

from kezhuan.kernel.models.access import Audience, AudienceToken, Grant
from kezhuan.kernel.models.answer_times import AnswerTime
from kezhuan.kernel.models.approvals import Approval, ApprovalBar, ApprovalStep, Post, PostHolder, Route, RouteStep
from kezhuan.kernel.models.asking import KeptAnswer, RateBucket
from kezhuan.kernel.models.disclosures import Disclosure
from kezhuan.kernel.models.filings import FiledFigure, Filing
from kezhuan.kernel.models.jobs import Job, JobState, Worker
from kezhuan.kernel.models.journal import Entry, EntryText, Follower, JournalHead
from kezhuan.kernel.models.notices import Notice, NoticeChannel, Objection
from kezhuan.kernel.models.outbox import (
    Channel,
    Message,
    MessageState,
    Preference,
    Stop,
    Webhook,
    WebhookForm,
)
from kezhuan.kernel.models.parties import Deputy, Duty, Membership, Organisation, Person, User
from kezhuan.kernel.models.records import Clock, CodeCounter, Document, Identifier, Link, Record, StoredFile
from kezhuan.kernel.models.rules import CalendarDay, CalendarYear, RuleUse, RuleValue
from kezhuan.kernel.models.sealing import Sealed
from kezhuan.kernel.models.tokens import Token
from kezhuan.kernel.models.watches import Watch

__all__ = [
    "AnswerTime",
    "Approval",
    "ApprovalBar",
    "ApprovalStep",
    "Audience",
    "AudienceToken",
    "CalendarDay",
    "CalendarYear",
    "Channel",
    "Clock",
    "CodeCounter",
    "Deputy",
    "Disclosure",
    "Document",
    "Duty",
    "Entry",
    "EntryText",
    "FiledFigure",
    "Filing",
    "Follower",
    "Grant",
    "Identifier",
    "Job",
    "JobState",
    "JournalHead",
    "KeptAnswer",
    "Link",
    "Membership",
    "Message",
    "MessageState",
    "Notice",
    "NoticeChannel",
    "Objection",
    "Organisation",
    "Person",
    "Post",
    "PostHolder",
    "Preference",
    "RateBucket",
    "Record",
    "Route",
    "RouteStep",
    "RuleUse",
    "RuleValue",
    "Sealed",
    "Stop",
    "StoredFile",
    "Token",
    "User",
    "Watch",
    "Webhook",
    "WebhookForm",
    "Worker",
]
